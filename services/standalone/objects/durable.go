package objects

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// durable is versitygw's disk backend, kept from publishing half an object and
// from acknowledging what is not on the disk.
type durable struct {
	*posix.Posix
	root string
}

// PutObject stores an object wholly or not at all.
func (d *durable) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	in.Body = whole(in.Body, in.ContentLength)
	out, err := d.PutObjectWithPostFunc(ctx, in, (*os.File).Sync)
	if err != nil {
		return out, err
	}
	return out, d.syncFolders(*in.Bucket, *in.Key)
}

// UploadPart stores a part of an object wholly or not at all.
func (d *durable) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	guarded := *in
	guarded.Body = whole(in.Body, in.ContentLength)
	return d.UploadPartWithPostFunc(ctx, &guarded, (*os.File).Sync)
}

// CompleteMultipartUpload joins the parts to an object.
func (d *durable) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	out, version, err := d.Posix.CompleteMultipartUpload(ctx, in)
	if err != nil {
		return out, version, err
	}
	if err := syncPath(filepath.Join(d.root, *in.Bucket, *in.Key)); err != nil {
		return out, version, err
	}
	return out, version, d.syncFolders(*in.Bucket, *in.Key)
}

// syncFolders makes the names of a new object last, up to the root.
func (d *durable) syncFolders(bucket, key string) error {
	for dir := filepath.Dir(filepath.Join(d.root, bucket, key)); ; dir = filepath.Dir(dir) {
		if err := syncPath(dir); err != nil {
			return err
		}
		if dir == d.root || len(dir) <= len(d.root) {
			return nil
		}
	}
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// whole makes a body fail that ends before its announced length. A connection
// that is cut off ends in a plain io.EOF.
func whole(body io.Reader, length *int64) io.Reader {
	if body == nil || length == nil || *length <= 0 {
		return body
	}
	counted := &wholeReader{Reader: body, missing: *length}
	if sums, ok := body.(middlewares.ChecksumReader); ok {
		return &wholeChecksumReader{wholeReader: counted, sums: sums}
	}
	return counted
}

type wholeReader struct {
	io.Reader
	missing int64
}

func (r *wholeReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.missing -= int64(n)
	if err == io.EOF && r.missing > 0 {
		// Not io.ErrUnexpectedEOF, which the backend takes for an end.
		return n, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return n, err
}

// wholeChecksumReader keeps what the backend asks of a body that carries its
// checksum.
type wholeChecksumReader struct {
	*wholeReader
	sums middlewares.ChecksumReader
}

func (r *wholeChecksumReader) Algorithm() string { return r.sums.Algorithm() }
func (r *wholeChecksumReader) Checksum() string  { return r.sums.Checksum() }
