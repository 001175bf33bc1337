// Package wire is an HTTP/1.1 client that costs next to nothing: one connection,
// one request at a time, answers that tell their length. The bench shares its
// processors with the server, so what it saves is what is measured.
package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// patience bounds one request.
const patience = 30 * time.Second

// Client is one connection.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// Dial connects to host:port.
func Dial(ctx context.Context, address string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return New(conn), nil
}

// New makes a client of a connection.
func New(conn net.Conn) *Client {
	const small = 4 << 10
	return &Client{conn: conn, in: bufio.NewReaderSize(conn, small)}
}

// Close ends the connection, without the kernel keeping its port.
func (c *Client) Close() error {
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return c.conn.Close()
}

// Request makes the bytes of a request. Headers are name, value, name, value…
func Request(method, path string, body []byte, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// Answer is what came back. Body is valid until the next request.
type Answer struct {
	Status int
	ETag   string
	// Coding is the Content-Encoding.
	Coding string
	// Length of the body, in bytes.
	Length int
	Body   []byte
}

// Do sends a request and reads the answer.
func (c *Client) Do(request []byte) (Answer, error) {
	a, err := c.ask(request)
	if err != nil {
		return a, err
	}
	if cap(c.body) < a.Length {
		c.body = make([]byte, a.Length)
	}
	a.Body = c.body[:a.Length]
	_, err = io.ReadFull(c.in, a.Body)
	return a, err
}

// Skim sends a request, and reads the answer to its end without keeping the
// body.
func (c *Client) Skim(request []byte) (Answer, error) {
	a, err := c.ask(request)
	if err == nil {
		_, err = c.in.Discard(a.Length)
	}
	return a, err
}

// ask sends a request and reads the answer up to its body.
func (c *Client) ask(request []byte) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return Answer{}, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return Answer{}, err
	}
	return c.read()
}

var errAnswer = errors.New("the answer is not understood")

func (c *Client) read() (Answer, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return Answer{}, err
	}
	fields := bytes.Fields(line)
	if len(fields) < 2 {
		return Answer{}, errAnswer
	}
	var a Answer
	if a.Status, err = strconv.Atoi(string(fields[1])); err != nil {
		return Answer{}, errAnswer
	}
	a.Length, err = c.headers(&a)
	return a, err
}

// headers reads up to the body, whose length it gives.
func (c *Client) headers(a *Answer) (length int, err error) {
	known := false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, errAnswer
			}
			known = true
		case bytes.EqualFold(name, []byte("ETag")):
			a.ETag = string(value)
		case bytes.EqualFold(name, []byte("Content-Encoding")):
			a.Coding = string(value)
		}
	}
	const noContent, notModified = 204, 304
	if a.Status == noContent || a.Status == notModified {
		return 0, nil
	}
	if !known {
		return 0, fmt.Errorf("%w: it does not tell its length", errAnswer)
	}
	return length, nil
}
