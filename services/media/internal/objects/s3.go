package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"fresque.dev/services/media/internal/media"
)

// partSize is always set: without it minio-go holds half a gigabyte in memory
// for a body of unknown size.
const partSize = 16 << 20

// Config says where the S3 is.
type Config struct {
	// Endpoint is host[:port].
	Endpoint             string
	Region               string
	AccessKey, SecretKey string
	Bucket               string
	// TLS is for https.
	TLS bool
	// Stored is called with the bytes by which the bucket has grown, negative when
	// it has shrunk; nil when nobody is to know.
	Stored func(bytes int64)
}

// Store is a bucket.
type Store struct {
	client *minio.Core
	cfg    Config
	// used is how many bytes are in the bucket, as far as is known; measured
	// tells that it was counted once.
	used     atomic.Int64
	measured atomic.Bool
}

var _ media.Objects = (*Store)(nil)

// New makes a store; it asks nothing of the S3 yet.
func New(cfg Config) (*Store, error) {
	client, err := minio.NewCore(cfg.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure: cfg.TLS,
		Region: cfg.Region,
		// Not every S3 takes checksums after the body.
		TrailingHeaders: false,
		// Whoever calls decides how long to try.
		MaxRetries: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	return &Store{client: client, cfg: cfg}, nil
}

// EnsureBucket makes the bucket unless it is there.
func (s *Store) EnsureBucket(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.cfg.Bucket)
	if err != nil || there {
		return err
	}
	err = s.client.MakeBucket(ctx, s.cfg.Bucket, minio.MakeBucketOptions{Region: s.cfg.Region})
	// Another replica may have been faster.
	if code := minio.ToErrorResponse(err).Code; code == "BucketAlreadyOwnedByYou" || code == "BucketAlreadyExists" {
		return nil
	}
	return err
}

// Check tells whether the bucket answers.
func (s *Store) Check(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.cfg.Bucket)
	if err == nil && !there {
		err = fmt.Errorf("bucket %q is not there", s.cfg.Bucket)
	}
	return err
}

// Put stores size bytes, wholly or not at all.
func (s *Store) Put(ctx context.Context, key media.Key, r io.Reader, size int64) error {
	_, err := s.client.Client.PutObject(ctx, s.cfg.Bucket, string(key), r, size, minio.PutObjectOptions{
		ContentType:  key.Type().Name,
		CacheControl: "public, max-age=31536000, immutable",
		PartSize:     partSize,
	})
	if err != nil {
		return fmt.Errorf("put a file of %s: %w", key.Upload(), err)
	}
	s.grown(size)
	return nil
}

// Measure counts what is in the bucket. What is stored and removed meanwhile
// makes it a little wrong, until the next time.
func (s *Store) Measure(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var used int64
	for o := range s.client.Client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		used += o.Size
	}
	s.used.Store(used)
	s.measured.Store(true)
	return nil
}

// Used is how many bytes are in the bucket; false while nobody has counted.
func (s *Store) Used() (int64, bool) { return s.used.Load(), s.measured.Load() }

// Each gives every object there is, with its size.
func (s *Store) Each(ctx context.Context, do func(key media.Key, size int64) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when it is left early
	for o := range s.client.Client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if err := do(media.Key(o.Key), o.Size); err != nil {
			return err
		}
	}
	return nil
}

// Hear counts what another replica has stored.
func (s *Store) Hear(bytes int64) { s.used.Add(bytes) }

func (s *Store) grown(bytes int64) {
	s.used.Add(bytes)
	if s.cfg.Stored != nil {
		s.cfg.Stored(bytes)
	}
}

// Discard removes the objects below one digest of an upload.
func (s *Store) Discard(ctx context.Context, folder media.Folder) error {
	return s.clear(ctx, string(folder))
}

// Clear removes all objects of an upload, or of a whole board when the upload
// is empty.
func (s *Store) Clear(ctx context.Context, board, upload media.ID) error {
	prefix := string(board) + "/"
	if upload != "" {
		prefix += string(upload) + "/"
	}
	return s.clear(ctx, prefix)
}

func (s *Store) clear(ctx context.Context, prefix string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when it is left early
	for o := range s.client.Client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{
		Prefix: prefix, Recursive: true,
	}) {
		if o.Err != nil {
			return o.Err
		}
		if err := s.client.RemoveObject(ctx, s.cfg.Bucket, o.Key, minio.RemoveObjectOptions{}); err != nil {
			return err
		}
		s.grown(-o.Size)
	}
	return nil
}

// Copy copies all objects of an upload to another, and gives how many there are.
// The bytes pass through here: so they are stored as durably as any others.
func (s *Store) Copy(ctx context.Context, from, to media.Upload) (int, error) {
	prefix := string(from.Board) + "/" + string(from.ID) + "/"
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when it is left early
	n := 0
	for o := range s.client.Client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return n, o.Err
		}
		key := media.Key(string(to.Board) + "/" + string(to.ID) + "/" + strings.TrimPrefix(o.Key, prefix))
		if err := s.copy(ctx, media.Key(o.Key), key, o.Size); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Store) copy(ctx context.Context, from, to media.Key, size int64) error {
	there, err := s.Size(ctx, to)
	if err == nil && there == size || size == 0 {
		return nil // copied before
	}
	if err != nil && !errors.Is(err, media.ErrNoObject) {
		return err
	}
	r, err := s.Read(ctx, from, 0, size)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return s.Put(ctx, to, r, size)
}

// Size tells an object's bytes, or media.ErrNoObject.
func (s *Store) Size(ctx context.Context, key media.Key) (int64, error) {
	info, err := s.client.StatObject(ctx, s.cfg.Bucket, string(key), minio.StatObjectOptions{})
	return info.Size, known(err)
}

// Read opens length bytes (at least one) from an offset; the caller closes.
func (s *Store) Read(ctx context.Context, key media.Key, offset, length int64) (io.ReadCloser, error) {
	var opts minio.GetObjectOptions
	if err := opts.SetRange(offset, offset+length-1); err != nil {
		return nil, err
	}
	body, _, _, err := s.client.GetObject(ctx, s.cfg.Bucket, string(key), opts)
	return body, known(err)
}

// known gives what is not there its own error.
func known(err error) error {
	if err == nil {
		return nil
	}
	var r minio.ErrorResponse
	if errors.As(err, &r) && r.StatusCode == http.StatusNotFound {
		return media.ErrNoObject
	}
	return err
}
