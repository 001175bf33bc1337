package httpapi

import (
	"net"
	"time"
)

// Patient makes a listener whose connections wait for a slow reader as long as
// it reads at all: each write has a time of its own.
func Patient(l net.Listener) net.Listener { return patient{l} }

type patient struct{ net.Listener }

// Accept gives the next connection.
func (l patient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return patientConn{c}, nil
}

type patientConn struct{ net.Conn }

// Write waits for sendWithin at most.
func (c patientConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
