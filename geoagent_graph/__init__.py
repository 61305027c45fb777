"""Where was this photo taken? A LangGraph agent that answers and shows its work."""
