"""The four faces of content delivery as HTTP functions: content, readers, sources and editing."""
