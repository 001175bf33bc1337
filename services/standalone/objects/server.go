package objects

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// copyThreshold is the largest object that is copied in one request, in bytes:
// S3's own limit. Unset, every copy would be refused.
const copyThreshold = 5 << 30

// Config says where the server keeps things and listens.
type Config struct {
	// Dir holds everything: objects, metadata, credentials. It is made if
	// absent.
	Dir string
	// Addr is host:port; it should be a loopback address. Port 0 is any.
	Addr string
}

// Server is a running S3 server. There is at most one in a process, which is
// a limit of versitygw, as is that the process's working directory changes to
// the objects': all other paths in the process must be absolute.
type Server struct {
	addr        string
	credentials credentials
	stop        context.CancelFunc
	done        chan error
}

// Start starts the server and comes back when it accepts connections. ctx bounds
// the start only: the server stops by Close, after those who need it.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	creds, err := loadCredentials(dir)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	disk, err := openDisk(dir)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	addr, err := freeAddr(ctx, cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	return serve(ctx, addr, creds, disk)
}

// Endpoint is the server's host:port, without a scheme; it speaks plain HTTP.
func (s *Server) Endpoint() string { return s.addr }

// AccessKey names the one account.
func (s *Server) AccessKey() string { return s.credentials.AccessKey }

// SecretKey is the one account's.
func (s *Server) SecretKey() string { return s.credentials.SecretKey }

// Close stops the server and waits until it has.
func (s *Server) Close() error {
	s.stop()
	return <-s.done
}

func openDisk(dir string) (*durable, error) {
	root := filepath.Join(dir, "buckets")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	store, opts, err := metadata(dir, root)
	if err != nil {
		return nil, err
	}
	opts.CopyObjectThreshold = copyThreshold
	opts.SetNewDirPerm(0o700)
	opts.SetNewFilePerm(0o600)
	p, err := posix.New(root, store, opts)
	if err != nil {
		return nil, err
	}
	return &durable{Posix: p, root: root}, nil
}

// metadata keeps an object's metadata in the file's extended attributes, which
// appear together with the object, or beside the objects where the disk has no
// such attributes. What was chosen first stays.
func metadata(dir, root string) (meta.MetadataStorer, posix.PosixOpts, error) {
	beside := filepath.Join(dir, "metadata")
	_, err := os.Stat(beside)
	if errors.Is(err, os.ErrNotExist) && (meta.XattrMeta{}).Test(root) == nil {
		return meta.XattrMeta{}, posix.PosixOpts{}, nil
	}
	if err := os.MkdirAll(beside, 0o700); err != nil {
		return nil, posix.PosixOpts{}, err
	}
	store, err := meta.NewSideCar(beside)
	return store, posix.PosixOpts{SideCarDir: beside}, err
}

// freeAddr settles port 0, as versitygw does not tell which port it was given.
func freeAddr(ctx context.Context, addr string) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func serve(ctx context.Context, addr string, creds credentials, disk *durable) (*Server, error) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{addr: addr, credentials: creds, stop: stop, done: make(chan error, 1)}
	listening := make(chan struct{})
	go func() {
		s.done <- embedgw.RunVersityGW(running, disk, &embedgw.Config{
			RootUserAccess: creds.AccessKey,
			RootUserSecret: creds.SecretKey,
			Ports:          []string{addr},
			// Named here, as the default is announced on standard output.
			IAMService: auth.NewIAMServiceSingle(auth.Account{
				Access: creds.AccessKey, Secret: creds.SecretKey, Role: auth.RoleAdmin,
			}),
			MaxConnections:    1024,
			MaxRequests:       256,
			MultipartMaxParts: 10_000,
			Quiet:             true,
			S3Options: []s3api.Option{
				s3api.WithMiddleware("/", refuseForms),
				s3api.WithOnListen(func() { close(listening) }),
			},
		})
		close(s.done)
	}()
	select {
	case <-listening:
		return s, nil
	case err := <-s.done:
		stop()
		return nil, fmt.Errorf("object store on %s: %w", addr, err)
	case <-ctx.Done():
		stop()
		return nil, ctx.Err()
	case <-time.After(10 * time.Second):
		stop()
		return nil, fmt.Errorf("object store on %s: not ready after 10 s", addr)
	}
}

func refuseForms(c fiber.Ctx) error {
	if c.Method() == fiber.MethodPost && strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		return c.SendStatus(fiber.StatusMethodNotAllowed)
	}
	return c.Next()
}
