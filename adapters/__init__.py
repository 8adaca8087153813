"""Every vendor's name lives here and nowhere else, one small file each, found by folder."""
