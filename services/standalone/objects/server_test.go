package objects_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"fresque.dev/services/standalone/objects"
)

const bucket = "media"

func start(t *testing.T, dir string) *objects.Server {
	t.Helper()
	s, err := objects.Start(context.Background(), objects.Config{Dir: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func client(t *testing.T, s *objects.Server) *minio.Client {
	t.Helper()
	c, err := minio.New(s.Endpoint(), &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey(), s.SecretKey(), "")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stop(t *testing.T, s *objects.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T) (*objects.Server, *minio.Client) {
	t.Helper()
	s := start(t, t.TempDir())
	t.Cleanup(func() { stop(t, s) })
	c := client(t, s)
	if err := c.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s, c
}

func put(t *testing.T, c *minio.Client, key string, body []byte, size int64) {
	t.Helper()
	_, err := c.PutObject(t.Context(), bucket, key, bytes.NewReader(body), size,
		minio.PutObjectOptions{ContentType: "image/webp", PartSize: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, c *minio.Client, key string) []byte {
	t.Helper()
	o, err := c.GetObject(t.Context(), bucket, key, minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func TestObjectsLastAcrossRestarts(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	c := client(t, s)
	if err := c.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	small, large := random(1000), random(20<<20)
	put(t, c, "a/b/c/small", small, int64(len(small)))
	put(t, c, "large", large, -1) // in parts
	access, secret := s.AccessKey(), s.SecretKey()
	stop(t, s)

	s = start(t, dir)
	defer stop(t, s)
	if s.AccessKey() != access || s.SecretKey() != secret {
		t.Error("the credentials changed")
	}
	c = client(t, s)
	if !bytes.Equal(get(t, c, "a/b/c/small"), small) || !bytes.Equal(get(t, c, "large"), large) {
		t.Error("the objects changed")
	}
	info, err := c.StatObject(t.Context(), bucket, "a/b/c/small", minio.StatObjectOptions{})
	if err != nil || info.ContentType != "image/webp" || info.Size != 1000 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestReadRangeAndRemove(t *testing.T) {
	_, c := open(t)
	body := random(5000)
	put(t, c, "x/y", body, 5000)
	var opts minio.GetObjectOptions
	if err := opts.SetRange(100, 199); err != nil {
		t.Fatal(err)
	}
	o, err := c.GetObject(t.Context(), bucket, "x/y", opts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(o)
	if err != nil || !bytes.Equal(got, body[100:200]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := c.RemoveObject(t.Context(), bucket, "x/y", minio.RemoveObjectOptions{}); err != nil {
		t.Error(err)
	}
	_, err = c.StatObject(t.Context(), bucket, "x/y", minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		t.Errorf("got %v", err)
	}
}

func TestWrongSecretIsRefused(t *testing.T) {
	s, _ := open(t)
	c, err := minio.New(s.Endpoint(), &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey(), "wrong", "")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListBuckets(t.Context()); minio.ToErrorResponse(err).StatusCode != http.StatusForbidden {
		t.Errorf("got %v", err)
	}
	res, err := http.Get("http://" + s.Endpoint() + "/" + bucket + "/anything")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("without a signature: %s", res.Status)
	}
}

// TestCutOffPutIsNotPublished: what a client did not send wholly never appears,
// and does not replace what was there.
func TestCutOffPutIsNotPublished(t *testing.T) {
	s, c := open(t)
	before := random(100)
	put(t, c, "kept", before, 100)
	for _, key := range []string{"fresh", "kept"} {
		t.Run(key, func(t *testing.T) {
			u, err := c.PresignedPutObject(t.Context(), bucket, key, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			cutOffPut(t, s.Endpoint(), u)
		})
	}
	if _, err := c.StatObject(t.Context(), bucket, "fresh", minio.StatObjectOptions{}); minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		t.Errorf("half an object was published: %v", err)
	}
	if !bytes.Equal(get(t, c, "kept"), before) {
		t.Error("half an object replaced a whole one")
	}
}

// cutOffPut announces 1 MB, sends half, and says no more.
func cutOffPut(t *testing.T, addr string, u *url.URL) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1048576\r\n\r\n", u.RequestURI(), addr)
	if _, err := conn.Write(random(1 << 19)); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	// The answer, or the end of the connection, tells that the server is done.
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if res.StatusCode < 400 {
		t.Errorf("half an object was answered with %s", res.Status)
	}
}

func TestCutOffPartIsNotTaken(t *testing.T) {
	s, c := open(t)
	core := minio.Core{Client: c}
	id, err := core.NewMultipartUpload(t.Context(), bucket, "joined", minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := c.Presign(t.Context(), http.MethodPut, bucket, "joined", time.Minute,
		url.Values{"uploadId": {id}, "partNumber": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	cutOffPut(t, s.Endpoint(), u)
	parts, err := core.ListObjectParts(t.Context(), bucket, "joined", id, 0, 10)
	if err != nil || len(parts.ObjectParts) > 0 {
		t.Errorf("%d parts, %v", len(parts.ObjectParts), err)
	}
}

func TestFormsAreRefused(t *testing.T) {
	s, _ := open(t)
	res, err := http.Post("http://"+s.Endpoint()+"/"+bucket, "multipart/form-data; boundary=x",
		strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x--\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("got %s", res.Status)
	}
}

func TestSecretsAreForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	defer stop(t, s)
	info, err := os.Stat(filepath.Join(dir, "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestBusyPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = objects.Start(t.Context(), objects.Config{Dir: t.TempDir(), Addr: l.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("got %v", err)
	}
}

func TestDamagedCredentials(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "credentials.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := objects.Start(t.Context(), objects.Config{Dir: dir, Addr: "127.0.0.1:0"})
	if err == nil || !strings.Contains(err.Error(), "credentials.json") {
		t.Errorf("got %v", err)
	}
}
