//! What keeps a page of a hundred of the others busy: relative times that tick, and htmx that polls.
import "htmx.org";
import "@github/relative-time-element";
