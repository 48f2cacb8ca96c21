// htmx would begin by a timer of its own, which a busy browser may keep back for long after our keys work: what they ask
// for would be heard by nobody. It begins once all of these scripts listen.
queueMicrotask(() => globalThis.htmx.initialize())
