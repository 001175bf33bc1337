package natsconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// security are the options of TLS. The files are read anew for each connection,
// so that certificates are renewed without a restart.
func (c Config) security() []nats.Option {
	var options []nats.Option
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		options = append(options, nats.ClientCert(c.Cert, c.Key))
	}
	if len(options) == 0 && c.ServerName == "" && !strings.Contains(c.URL, "tls://") {
		return nil
	}
	// First: what comes after it adds to its configuration.
	return append([]nats.Option{nats.Secure(&tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12})}, options...)
}

const closedAfter = "closed by remote after tls handshake"

// Explain says which setting to mend when NATS, or its certificate, refuses. It
// tells no secret.
func Explain(c Config, err error) error {
	if mend := c.Mend(err); mend != "" {
		return fmt.Errorf("%w: %s", err, mend)
	}
	return err
}

// Mend says what to mend; empty where an error does not tell.
func (c Config) Mend(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch text := strings.ToLower(err.Error()); {
	case errors.Is(err, nats.ErrPermissionViolation):
		return "the service's user has not the rights of this release: see fresquectl nats permissions"
	case errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return "NATS_CREDENTIALS names credentials that are no longer good: put new ones into the file"
	case errors.Is(err, nats.ErrAuthorization), strings.Contains(text, "authorization violation"):
		return c.mendIdentity()
	case errors.Is(err, nats.ErrNoServers):
		return "nobody answers at the address of NATS_URL: start NATS, or mend that"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate is over, or not good yet: put a new one in its place and reload NATS, or set this machine's clock"
	case errors.As(err, &authority):
		return "NATS_CA must name the certificate of who signed the server's"
	case errors.As(err, &host):
		return "the server's certificate is for another name: mend NATS_URL, or set NATS_SERVER_NAME"
	// In TLS 1.3 a client's certificate is looked at when the client is done; its
	// first word may meet a closed door before it reads why.
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"), c.Cert == "" && strings.Contains(text, closedAfter):
		return "NATS asks for a certificate: set NATS_CERT and NATS_KEY"
	case strings.Contains(text, "unknown certificate authority"), strings.Contains(text, closedAfter):
		return "NATS does not trust the certificate of NATS_CERT"
	case errors.Is(err, nats.ErrSecureConnRequired):
		return "NATS wants TLS: set NATS_CA, or tls:// in NATS_URL"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "NATS offers no TLS, though NATS_URL, NATS_CA, NATS_CERT or NATS_SERVER_NAME ask for it"
	}
	return ""
}

func (c Config) mendIdentity() string {
	switch {
	case c.Credentials != "":
		return "NATS does not take the credentials of NATS_CREDENTIALS"
	case c.User != "":
		return "NATS does not take NATS_USER with NATS_PASSWORD"
	}
	return "NATS asks who this is: set NATS_CREDENTIALS, or NATS_USER and NATS_PASSWORD"
}
