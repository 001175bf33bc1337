package live

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// peerSilence is how long what was written may stay unacknowledged. With a
// heartbeat every 10 s a peer that has vanished is noticed within 30 s (rule
// S16); by itself, TCP would go on for a quarter of an hour.
const peerSilence = 15 * time.Second

// watchPeer makes the kernel give up on a peer that no longer answers.
func watchPeer(conn net.Conn) error {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(peerSilence.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return set
}
