"""This machine: files, processes, folders, the pace at which hosts are asked."""
