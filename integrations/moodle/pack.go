//go:build ignore

// Packs the plugin for Moodle into a ZIP, byte for byte the same from the same files:
//
//	go run integrations/moodle/pack.go integrations/moodle/mod_fresque bin/mod_fresque.zip
package main

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder is what Moodle unpacks below mod/.
const folder = "fresque"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: pack FOLDER ZIP")
	}
	if err := build(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// build writes what Moodle serves from the sources of the page: the same, under the
// name by which it is asked for.
func build(root string) error {
	sources, err := filepath.Glob(filepath.Join(root, "amd/src/*.js"))
	if err != nil {
		return err
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(source), ".js")
		named := strings.Replace(string(text), "define([", `define("mod_`+folder+`/`+name+`", [`, 1)
		if named == string(text) {
			return errors.New(source + ": there is no define([")
		}
		to := filepath.Join(root, "amd/build", name+".min.js")
		if there, err := os.ReadFile(to); err == nil && string(there) == named {
			continue
		}
		if err := os.WriteFile(to, []byte(named), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pack writes the files in the order of their names, all of one time.
func pack(root, to string) error {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	z := zip.NewWriter(out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		head := &zip.FileHeader{Name: folder + "/" + filepath.ToSlash(name), Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		head.SetMode(0o644)
		w, err := z.CreateHeader(head)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}
