package objects

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

type credentials struct {
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
}

// loadCredentials reads the account's credentials, or makes them at the first
// start. Nobody else may read the file.
func loadCredentials(dir string) (credentials, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return credentials{}, err
	}
	path := filepath.Join(dir, "credentials.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return newCredentials(path)
	}
	if err != nil {
		return credentials{}, err
	}
	var c credentials
	if err := json.Unmarshal(raw, &c); err != nil || c.AccessKey == "" || c.SecretKey == "" {
		return credentials{}, fmt.Errorf("%s is damaged: remove it to have new credentials made", path)
	}
	return c, nil
}

func newCredentials(path string) (credentials, error) {
	c := credentials{AccessKey: rand.Text(), SecretKey: rand.Text() + rand.Text()}
	raw, err := json.Marshal(c)
	if err != nil {
		return c, err
	}
	// Written aside and renamed, so that a crash leaves no half a file.
	aside := path + ".new"
	if err := os.WriteFile(aside, raw, 0o600); err != nil {
		return c, err
	}
	return c, os.Rename(aside, path)
}
