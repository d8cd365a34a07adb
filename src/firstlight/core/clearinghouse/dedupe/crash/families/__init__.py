"""One file per family of crash formats; `registry` of the parent package puts them in order."""
