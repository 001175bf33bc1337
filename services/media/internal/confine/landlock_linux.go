package confine

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// The system calls of Landlock, the same on every architecture, and what of its
// interface is used (linux/landlock.h).
const (
	landlockCreateRuleset = 444
	landlockAddRule       = 445
	landlockRestrictSelf  = 446

	askVersion  = 1
	pathBeneath = 1

	accessExecute    = 1 << 0
	accessWrite      = 1 << 1
	accessRead       = 1 << 2
	accessReadDir    = 1 << 3
	accessRemove     = 1 << 5
	accessMakeSocket = 1 << 9
	accessTruncate   = 1 << 14

	netBind    = 1 << 0
	netConnect = 1 << 1
)

// handled are the accesses to files that each version of Landlock knows, the
// first version first.
var handled = []uint64{1<<13 - 1, 1<<14 - 1, 1<<15 - 1}

// readable is what programs of the system need to run; whatever of it is not
// there is left out.
var readable = []string{"/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/opt", "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice"}

// landlocked tells whether this system has Landlock.
func landlocked() bool { return landlockVersion() > 0 }

func landlockVersion() int {
	version, _, errno := syscall.RawSyscall(landlockCreateRuleset, 0, 0, askVersion)
	if errno != 0 {
		return 0
	}
	return int(version)
}

// lockIn leaves this thread, and what it becomes, one folder to write to, its
// standard input and the system's own files to read, and no connection to
// make. A system without Landlock lets it pass.
func lockIn(dir string, sockets bool) error {
	version := landlockVersion()
	if version == 0 {
		return nil
	}
	all := handled[min(version, len(handled))-1]
	rules := struct{ files, net uint64 }{files: all}
	size := unsafe.Sizeof(rules.files)
	if version >= 4 {
		rules.net = netBind | netConnect
		size = unsafe.Sizeof(rules)
	}
	set, _, errno := syscall.RawSyscall(landlockCreateRuleset, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	const look = accessExecute | accessRead | accessReadDir
	for _, path := range readable {
		if err := allow(int(set), path, look); err != nil {
			return err
		}
	}
	for _, path := range []string{"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"} {
		if err := allow(int(set), path, (accessRead|accessWrite|accessTruncate)&all); err != nil {
			return err
		}
	}
	if err := allow(int(set), dir, all); err != nil {
		return err
	}
	if sockets {
		if err := allow(int(set), "/tmp", accessMakeSocket|accessRemove); err != nil {
			return err
		}
	}
	// Its standard input may be opened anew by its name.
	if err := allowFile(int(set), 0, accessRead); err != nil {
		return err
	}
	if _, _, errno := syscall.RawSyscall(landlockRestrictSelf, set, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	return syscall.Close(int(set))
}

// allow lets a file, or what is below a folder, be used.
func allow(set int, path string, access uint64) error {
	f, err := os.OpenFile(path, syscall.O_RDONLY|oPath, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return allowFile(set, int(f.Fd()), access)
}

const oPath = 0x200000 // O_PATH, which package syscall does not name

func allowFile(set, file int, access uint64) error {
	// As the kernel has it: eight bytes and four, nothing between or after.
	var rule [12]byte
	*(*uint64)(unsafe.Pointer(&rule[0])) = access
	*(*int32)(unsafe.Pointer(&rule[8])) = int32(file)
	_, _, errno := syscall.RawSyscall6(landlockAddRule, uintptr(set), pathBeneath, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	return nil
}
