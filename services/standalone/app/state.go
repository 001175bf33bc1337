package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

// state is what the data folder keeps besides the engines' own.
type state struct{ dir string }

// openState makes the folder this process's own: a second process on the same
// data would harm both.
func openState(dir string) (state, func(), error) {
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return state{}, nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return state{}, nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return state{}, nil, fmt.Errorf("%s is in use by another process", dir)
	}
	return state{dir: dir}, func() { _ = lock.Close() }, nil
}

func (s state) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// masterKey is 32 bytes in base64, made at the first start.
func (s state) masterKey() (string, error) {
	return s.kept(s.path("keys", "master.key"), func() string {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		return base64.StdEncoding.EncodeToString(key)
	})
}

func (s state) operatorKeyFile() string { return s.path("keys", "operator.key") }

// operatorKey opens what only the operator may do.
func (s state) operatorKey() (string, error) { return s.kept(s.operatorKeyFile(), rand.Text) }

// firstBoard is the id of the wall that is there from the first start.
func (s state) firstBoard() (string, error) {
	return s.kept(s.path("first-wall"), func() string { return uuid.Must(uuid.NewV7()).String() })
}

// kept reads a value from a file, or makes it once. The file appears whole or
// not at all, whenever the process is killed.
func (s state) kept(path string, create func() string) (string, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	value := create()
	return value, writeWhole(path, value+"\n")
}

func writeWhole(path, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.WriteString(text)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
