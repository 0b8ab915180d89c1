"""What command line and app both show: drawn maps, figures, records, reports."""
