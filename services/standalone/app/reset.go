package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"fresque.dev/services/internal/problem"
)

// ResetPasswordCommand is the first argument that asks for ResetPassword.
const ResetPasswordCommand = "reset-password"

const askWithin = 10 * time.Second

var errNoLogin = errors.New("whose password? fresque " + ResetPasswordCommand + " LOGIN")

// ResetPassword prints a link by which the owner of a local account chooses a new
// password. It asks the process that runs on the same data, with the operator's
// key: whoever can read that file may do so anyhow.
func ResetPassword(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return errNoLogin
	}
	cfg, err := parse(args[1:], out)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(state{dir: cfg.Data}.operatorKeyFile())
	if err != nil {
		return fmt.Errorf("no data of Fresque in %s: %w", cfg.Data, err)
	}
	body, err := json.Marshal(map[string]string{"login": args[0]})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+reachable(cfg.Addr)+"/api/v1/account/resets", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(key)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from Fresque at %s: start it first (%w)", cfg.Addr, err)
	}
	defer func() { _ = res.Body.Close() }()
	return tellReset(res, args[0], out)
}

func tellReset(res *http.Response, login string, out io.Writer) error {
	var told struct {
		problem.Problem
		URL       string    `json:"url"`
		ExpiresAt time.Time `json:"expiresAt"`
	}
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil {
		return fmt.Errorf("what answers is not Fresque: %w", err)
	}
	switch {
	case res.StatusCode == http.StatusNotFound:
		return fmt.Errorf("there is no local account called %q", login)
	case res.StatusCode != http.StatusCreated:
		return fmt.Errorf("refused: %s", told.Code)
	}
	_, err := fmt.Fprintf(out, "For %s alone, once, until %s:\n\n  %s\n", login, told.ExpiresAt.Local().Format(time.DateTime), told.URL)
	return err
}

// reachable is where a process that listens on an address is found.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}
