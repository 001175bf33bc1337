// Package password keeps passwords as argon2id hashes in the PHC string format,
// with the parameters that RFC 9106 recommends where memory is constrained.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of new hashes: 3 passes over 64 MiB (RFC 9106, section 4).
const (
	passes    = 3
	memoryKiB = 64 << 10
	lanes     = 4
	saltBytes = 16
	hashBytes = 32
)

// Bounds of the parameters that a stored hash may ask for.
const (
	maxPasses    = 10
	maxMemoryKiB = 256 << 10
)

// atOnce bounds how many hashes are computed at the same time: each takes its
// memory.
const atOnce = 2

// Hasher hashes and checks passwords.
type Hasher struct{ slots chan struct{} }

// NewHasher makes a hasher.
func NewHasher() Hasher { return Hasher{slots: make(chan struct{}, atOnce)} }

// Hash gives the hash of a password, with a salt of its own.
func (h Hasher) Hash(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	sum := h.derive(password, salt, passes, memoryKiB, lanes, hashBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// Check tells whether a password is the one that was hashed. What is no hash
// is nobody's.
func (h Hasher) Check(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version, memory, times uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &times, &threads); err != nil ||
		times == 0 || times > maxPasses || memory > maxMemoryKiB || threads == 0 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	want, also := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || also != nil || len(want) == 0 {
		return false
	}
	return subtle.ConstantTimeCompare(h.derive(password, salt, times, memory, threads, uint32(len(want))), want) == 1
}

func (h Hasher) derive(password string, salt []byte, times, memory uint32, threads uint8, length uint32) []byte {
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), salt, times, memory, threads, length)
}
