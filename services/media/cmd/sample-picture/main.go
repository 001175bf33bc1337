// Command sample-picture writes a JPEG like a phone's: twelve megapixels, held
// upright and stored sideways, with EXIF, GPS and XMP. It is for trying the
// wall by hand and for end-to-end tests.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"fresque.dev/services/media/internal/sample"
)

func main() {
	o := sample.TwelveMegapixels()
	out := flag.String("o", "sample.jpg", "file to write")
	flag.IntVar(&o.Width, "width", o.Width, "width as seen, in pixels")
	flag.IntVar(&o.Height, "height", o.Height, "height as seen, in pixels")
	flag.IntVar(&o.Orientation, "orientation", o.Orientation, "EXIF orientation, 1 to 8")
	flag.Uint64Var(&o.Seed, "seed", o.Seed, "of the noise; another seed is another file")
	flag.Parse()
	if err := write(*out, o); err != nil {
		fmt.Fprintln(os.Stderr, "sample-picture:", err)
		os.Exit(1)
	}
}

func write(path string, o sample.Options) error {
	if o.Width < 1 || o.Height < 1 || o.Orientation < 1 || o.Orientation > 8 {
		return fmt.Errorf("width and height must be positive, orientation 1 to 8")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	if err := sample.JPEG(b, o); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}
