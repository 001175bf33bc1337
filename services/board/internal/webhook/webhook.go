// Package webhook carries notices to platforms, as Standard Webhooks says
// (https://www.standardwebhooks.com): signed, and taken or not by the status of
// the answer alone.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

const (
	// within bounds one try, connecting included.
	within = 10 * time.Second
	// answerRead is how much of an answer is read, so that its connection can be
	// used again. Nothing is made of it.
	answerRead = 4 << 10
	// maxRetryAfter is how far a site may put us off.
	maxRetryAfter = 24 * time.Hour
)

// Event is the type of what is told.
const Event = "participation.changed"

// Courier carries notices over HTTP.
type Courier struct {
	client *http.Client
	now    func() time.Time
}

// NewCourier makes a courier.
func NewCourier(now func() time.Time) *Courier {
	dialer := &net.Dialer{Timeout: within, Control: guard}
	return &Courier{now: now, client: &http.Client{
		Timeout:       within,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: within, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 32 << 10,
		},
	}}
}

// body is what a site reads.
type body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Platform   board.ID `json:"platform"`
	Board      board.ID `json:"board"`
	ExternalID string   `json:"externalId,omitempty"`
	// Revision grows with every notice about the same participant.
	Revision board.Rev `json:"revision"`
	view.Participation
}

// Carry sends a notice once.
func (c *Courier) Carry(ctx context.Context, n board.Notice) error {
	if !private(n.Platform.Webhook) {
		return &board.Untaken{Why: "address not https"}
	}
	text, err := json.Marshal(body{Event, n.At, data{n.Platform.ID, n.Board.ID, n.Board.External, n.Rev, view.ParticipationOf(n.UserParticipation)}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.Platform.Webhook, bytes.NewReader(text))
	if err != nil {
		return &board.Untaken{Why: "address malformed"}
	}
	at := strconv.FormatInt(c.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Fresque")
	req.Header.Set("webhook-id", n.ID)
	req.Header.Set("webhook-timestamp", at)
	req.Header.Set("webhook-signature", signatures(n.Secrets, n.ID, at, text))
	res, err := c.client.Do(req)
	if err != nil {
		return &board.Untaken{Why: reason(err)}
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, answerRead)
	if res.StatusCode/100 == 2 {
		return nil
	}
	return &board.Untaken{
		Why: "status " + strconv.Itoa(res.StatusCode), RetryAfter: c.retryAfter(res.Header.Get("Retry-After")), ThisOne: aboutThisOne(res.StatusCode),
	}
}

// signatures are those of one text by each secret.
func signatures(secrets [][]byte, id, at string, text []byte) string {
	var all []string
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(text)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// aboutThisOne tells a refusal that says nothing of other notices: another key, an
// overload or a fault of the site concerns all of them.
func aboutThisOne(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return status/100 == 4
}

// retryAfter reads when to come back, in seconds or as a date.
func (c *Courier) retryAfter(header string) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(n, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(c.now())
	}
	return min(max(wait, 0), maxRetryAfter)
}

// private takes https, and http to this machine alone.
func private(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && board.Private(u)
}

var errGuarded = errors.New("address refused")

// guard refuses addresses at which no site is: those of a link alone, where clouds
// tell their machines' secrets, and of nobody. It sees the address that is about
// to be connected to, whatever a name resolved to before.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errGuarded
	}
	ip := at.Addr().Unmap()
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || ip == awsMetadata {
		return errGuarded
	}
	return nil
}

var awsMetadata = netip.MustParseAddr("fd00:ec2::254")

// reason says in a word or two why there was no answer, without the address.
func reason(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, errGuarded):
		return errGuarded.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &dns):
		return "name not found"
	case errors.As(err, &op):
		return "no connection"
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "x509:"):
		return "certificate refused"
	default:
		return "connection broken"
	}
}
