"""One access table: role by action by marking; everything not in it is denied."""
