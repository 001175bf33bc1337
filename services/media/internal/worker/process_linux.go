package worker

import "syscall"

// self is this very program, even when its file has been replaced since.
const self = "/proc/self/exe"

// attributes make a worker die with the program that started it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
