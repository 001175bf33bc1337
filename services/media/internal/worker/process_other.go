//go:build !linux

package worker

import "syscall"

// self is empty: the program's path is asked for.
const self = ""

func attributes() *syscall.SysProcAttr { return nil }
