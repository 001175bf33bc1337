package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxSkew is by how much clocks may differ before tickets and tokens suffer.
	maxSkew = 5 * time.Second
	// renewBefore is how long before its end a certificate should have been renewed.
	renewBefore = 14 * 24 * time.Hour
	// firstBytesWithin is when a stream must have begun to come.
	firstBytesWithin = 3 * time.Second
)

// caller asks as a browser that follows nothing does.
var caller = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Ask sends one request, with headers by name and value; the caller closes the body.
func Ask(ctx context.Context, method, address string, body io.Reader, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return caller.Do(req)
}

// Address looks whether browsers reach an address, how long its certificate is
// still good, and whether its clock agrees with ours. The setting is named in what
// to mend.
func (r *Report) Address(ctx context.Context, of, setting, address string) bool {
	ctx, cancel := Within(ctx)
	defer cancel()
	res, err := Ask(ctx, http.MethodGet, address, nil)
	if err != nil {
		r.Fault(of, err, mendAddress(err, setting))
		return false
	}
	_ = res.Body.Close()
	if res.StatusCode >= http.StatusInternalServerError {
		r.Fault(of, fmt.Errorf("%s answers %s", address, res.Status), "Look whether the service behind "+setting+" runs, and whether the proxy sends it there.")
		return false
	}
	r.Good(of, "%s answers", address)
	r.transport(of, setting, address, res.TLS)
	r.Clock(of, res.Header.Get("Date"))
	return true
}

// mendAddress says what to do about an address that cannot be reached.
func mendAddress(err error, setting string) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		return "Make a DNS entry for the host of " + setting + ", or mend " + setting + "."
	case errors.As(err, &certificate):
		return "Give the proxy a certificate for the host of " + setting + " that browsers trust and that is not over."
	case errors.Is(err, context.DeadlineExceeded):
		return "Nobody answers at " + setting + " in time: look at the proxy and at firewalls."
	}
	return "Nobody listens at " + setting + " as seen from here: start the proxy, or mend " + setting + "."
}

// transport looks at the certificate.
func (r *Report) transport(of, setting, address string, state *tls.ConnectionState) {
	if state == nil {
		if u, err := url.Parse(address); err == nil && !isLocal(u.Hostname()) {
			r.Fault(of, fmt.Errorf("%s is not https", address), "Give the proxy a certificate and write https:// into "+setting+": what people write goes over the network as it is.")
		}
		return
	}
	left := time.Until(state.PeerCertificates[0].NotAfter)
	if left < renewBefore {
		r.Fault(of, fmt.Errorf("the certificate of %s ends in %d days", address, int(left.Hours()/24)), "Renew the certificate, and see why that was not done by itself.")
		return
	}
	r.Good(of, "its certificate is good for %d days", int(left.Hours()/24))
}

// isLocal tells this machine, where nothing goes over a network.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// Clock compares the Date of an answer with ours.
func (r *Report) Clock(of, date string) {
	if at, err := http.ParseTime(date); err == nil {
		r.Skew(of, at)
	}
}

// Skew compares somebody's clock with ours.
func (r *Report) Skew(of string, theirs time.Time) {
	if skew := time.Since(theirs).Round(time.Second); skew.Abs() > maxSkew {
		r.Fault(of, fmt.Errorf("its clock and this machine's are %s apart", skew.Abs()), "Keep the clocks of all machines by NTP: tickets and tokens last for minutes.")
	}
}

// Apart looks whether addresses are of different origins, by the names of their
// settings.
func (r *Report) Apart(addresses map[string]string, first, second string) {
	a, b := originOf(addresses[first]), originOf(addresses[second])
	if a == "" || b == "" {
		return
	}
	if a == b {
		r.Fault("origins", fmt.Errorf("%s and %s are both %s", first, second, a), "Give "+second+" a host or port of its own: people's files must not have the rights of the wall's pages.")
		return
	}
	r.Good("origins", "%s and %s are apart", first, second)
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Uploads asks as a browser does before it sends a file from a page of an origin.
func (r *Report) Uploads(ctx context.Context, address, origin, mend string) {
	ctx, cancel := Within(ctx)
	defer cancel()
	origin = originOf(origin)
	res, err := Ask(ctx, http.MethodOptions, address, nil,
		"Origin", origin, "Access-Control-Request-Method", http.MethodPost, "Access-Control-Request-Headers", "authorization,tus-resumable,upload-length,upload-metadata")
	if err != nil {
		r.Fault("uploads", err, mendAddress(err, "UPLOAD_URL"))
		return
	}
	_ = res.Body.Close()
	if allowed := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode/100 != 2 || allowed != origin {
		r.Fault("uploads", fmt.Errorf("pages of %s may not send files to %s (it answers %s, and lets in %q)", origin, address, res.Status, allowed), mend)
		return
	}
	r.Good("uploads", "pages of %s may send files to %s", origin, address)
}

// Stream looks whether the first bytes of a live stream come at once.
func (r *Report) Stream(ctx context.Context, address, token string) {
	const mend = "Switch buffering and compression of answers off in the proxy for /api/v1/boards/*/events, and let an answer last for hours."
	ctx, cancel := context.WithTimeout(ctx, firstBytesWithin)
	defer cancel()
	res, err := Ask(ctx, http.MethodGet, address, nil, "Authorization", "Bearer "+token, "Accept", "text/event-stream")
	if errors.Is(err, context.DeadlineExceeded) {
		r.Fault("stream", fmt.Errorf("nothing of the live stream came within %s", firstBytesWithin), mend)
		return
	}
	if err != nil {
		r.Fault("stream", err, mend)
		return
	}
	defer func() { _ = res.Body.Close() }()
	if said := problemOf(res); said != "" {
		r.Fault("stream", fmt.Errorf("the live stream is refused by the service: %s, %s", res.Status, said), "Mend what is said of nats and of the store first; else the log of the board service has the request.")
		return
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		r.Fault("stream", fmt.Errorf("the live stream answers %s as %q", res.Status, kind), "Have the proxy send /api/ to the board service as it is.")
		return
	}
	begun := time.Now()
	if _, err := io.ReadFull(res.Body, make([]byte, len("retry: "))); err != nil {
		r.Fault("stream", fmt.Errorf("nothing of the live stream came within %s", firstBytesWithin), mend)
		return
	}
	r.Good("stream", "the live stream begins at once (%d ms)", time.Since(begun).Milliseconds())
}
