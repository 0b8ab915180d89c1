"""Who does slow work: threads of this process, processes of this computer, and a mock that works when a test says so."""
