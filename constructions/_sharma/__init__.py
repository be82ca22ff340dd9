"""Parts of sharma_2025."""
