"""Who does slow work: threads of this process, processes of this computer, and a mock that waits to be told."""
