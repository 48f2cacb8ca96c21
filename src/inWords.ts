/** What the person at the terminal can mend: the message says what happened, why, and what to do, and needs no stack. */
export abstract class InWords extends Error {}
