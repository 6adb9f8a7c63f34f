"""What people read: terminal tables, figures, the HTML page."""
