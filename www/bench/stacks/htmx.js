//! htmx as it comes: it polls, and swaps in what a server has rendered.
import "htmx.org";
