package unfurl

// ErrRefused is for tests to tell a refusal from an address that does not
// answer.
var ErrRefused = errRefused

// Line is line.
var Line = line
