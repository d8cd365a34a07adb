"""The guided tour: two real reports of one real flaw become one signed advisory."""
