"""What command line and app both show: drawn maps, records, reports."""
