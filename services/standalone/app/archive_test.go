package app_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

type kept struct {
	Posts []struct {
		Title       string
		Attachments []struct{ Type, Media, Alt, Caption string }
	}
	Media []struct {
		ID, Kind, Name, Type, File, SHA256, Missing string
		Size                                        int
	}
	Without int
}

// archiveOf fetches a wall as a ZIP.
func (r *running) archiveOf(board string) (files map[string][]byte, in kept) {
	r.t.Helper()
	raw, _ := r.ask(200, "GET", "/boards/"+board+"/archive.zip", nil)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		r.t.Fatal(err)
	}
	files = make(map[string][]byte)
	for _, f := range z.File {
		body, err := f.Open()
		if err != nil {
			r.t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(body); err != nil {
			r.t.Fatal(err)
		}
	}
	return files, read[kept](r.t, files["board.json"])
}

type importedWall struct {
	Wall  struct{ ID string }
	Media []struct {
		File, State string
		Upload      upload
	}
}

// bring imports a wall and waits until all of its files are there.
func (r *running) bring(account string, files map[string][]byte) string {
	r.t.Helper()
	for {
		r.token = account
		raw, _ := r.ask(201, "POST", "/account/walls/import?id=01980000-0000-7000-8000-0000000000b1", files["board.json"])
		made := read[importedWall](r.t, raw)
		ready := 0
		for _, m := range made.Media {
			switch m.State {
			case "uploading":
				r.send(m.Upload, files[m.File])
			case "ready":
				ready++
			case "refused":
				r.t.Fatalf("%s was refused: %s", m.File, raw)
			}
		}
		if ready == len(made.Media) {
			return made.Wall.ID
		}
		r.rest()
	}
}

// aPath is a file beside a page.
var aPath = regexp.MustCompile(`(?:src|href|poster)="(media/[^"]*)"`)

func TestAWallGoesIntoAZIPAndComesBackWithItsFiles(t *testing.T) {
	r, stop := startOn(t, filepath.Join(t.TempDir(), "data"))
	defer stop()
	_, code, _ := strings.Cut(r.welcome, "/setup#")
	code = strings.Fields(code)[0]
	raw, _ := r.ask(201, "POST", "/account/setup", map[string]string{"code": code, "login": "ada", "name": "Ada", "password": "une phrase assez longue"}, "Fresque-Account", "1")
	account := read[struct{ Token string }](t, raw).Token
	r.token = account
	open := func(board string) {
		t.Helper()
		r.token = account
		raw, _ := r.ask(201, "POST", "/account/walls/"+board+"/session", map[string]string{})
		r.token = read[struct{ Token string }](t, raw).Token
	}
	raw, _ = r.ask(201, "POST", "/account/walls", map[string]string{"title": "Ma classe"})
	wall := entry{}
	wall.Board.ID = read[struct{ ID string }](t, raw).ID
	open(wall.Board.ID)
	r.illustrated(wall)
	notes := []byte("nom;note\nÉloïse;12\n")
	r.withFile(wall, "Un tableau", "notes de l’été.csv", "text/csv", notes)

	files, first := r.archiveOf(wall.Board.ID)
	if len(first.Media) != 2 || first.Without != 0 {
		t.Fatalf("%s", files["board.json"])
	}
	for _, m := range first.Media {
		sum := sha256.Sum256(files[m.File])
		if m.SHA256 != hex.EncodeToString(sum[:]) || m.Size != len(files[m.File]) || m.Size == 0 || m.Missing != "" {
			t.Errorf("%+v has %d bytes", m, len(files[m.File]))
		}
	}
	paths := aPath.FindAllSubmatch(files["index.html"], -1)
	if len(paths) < 3 {
		t.Errorf("the page shows nothing: %s", files["index.html"])
	}
	for _, p := range paths {
		if files[string(p[1])] == nil {
			t.Errorf("the page shows %s, which is not there", p[1])
		}
	}

	copied := r.bring(account, files)
	open(copied)
	again, second := r.archiveOf(copied)
	if len(second.Media) != 2 || len(second.Posts) != 2 {
		t.Fatalf("%s", again["board.json"])
	}
	of := func(k kept, in map[string][]byte, kind string) (name string, file []byte) {
		for _, m := range k.Media {
			if m.Kind == kind {
				return m.Name + " " + m.Type, in[m.File]
			}
		}
		return "", nil
	}
	// A document is the same to the byte; a picture was looked at and made anew.
	wasName, was := of(first, files, "file")
	isName, is := of(second, again, "file")
	if wasName != isName || !bytes.Equal(was, is) || !bytes.Equal(is, notes) {
		t.Errorf("%s is %q, and was %s, %q", isName, is, wasName, was)
	}
	wasName, was = of(first, files, "picture")
	isName, is = of(second, again, "picture")
	one, _, err := image.DecodeConfig(bytes.NewReader(was))
	other, _, err2 := image.DecodeConfig(bytes.NewReader(is))
	if err != nil || err2 != nil || one.Width != other.Width || one.Height != other.Height || wasName != isName {
		t.Errorf("%s is %v %v, and was %s %v %v", isName, other, err2, wasName, one, err)
	}
	for i, post := range second.Posts {
		a, b := post.Attachments[0], first.Posts[i].Attachments[0]
		if post.Title != first.Posts[i].Title || a.Alt != b.Alt || a.Caption != b.Caption || a.Media == b.Media {
			t.Errorf("%+v, and was %+v", post, first.Posts[i])
		}
	}
}

// here is where the tests begin: the object store changes the folder of the process.
var here, _ = os.Getwd()

func TestTheOperatorMovesAWallByCommand(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "fresquectl")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", tool, "../../board/cmd/fresquectl")
	build.Dir = here
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data := filepath.Join(t.TempDir(), "data")
	r, stop := startOn(t, data)
	defer stop()
	keyFile := filepath.Join(data, "keys", "operator.key")
	fresquectl := func(says string, fails bool, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), tool, append(args, "-url", r.cfg.PublicURL, "-key-file", keyFile)...)
		out, err := cmd.CombinedOutput()
		if (err != nil) != fails || !strings.Contains(string(out), says) {
			t.Fatalf("%v: %v, want %q:\n%s", args, err, says, out)
		}
		return string(out)
	}
	wall := r.firstWall(data)
	notes := []byte("nom;note\nÉloïse;12\n")
	r.withFile(wall, "Un tableau", "notes.csv", "text/csv", notes)
	file := filepath.Join(t.TempDir(), "classe.zip")
	fresquectl("bytes", false, "board", "export", wall.Board.ID, "-out", file)
	fresquectl("exists", true, "board", "export", wall.Board.ID, "-out", file)
	fresquectl("not_found", true, "board", "export", "01980000-0000-7000-8000-0000000000b1", "-out", file+"2")
	if _, err := os.Stat(file + "2"); err == nil {
		t.Error("half an archive is left")
	}

	// A file that was changed inside the ZIP is told, and the rest is there; the
	// same command with the good one goes on.
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.zip")
	if err := os.WriteFile(damaged, bytes.Replace(raw, notes, bytes.ToUpper(notes), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	told := fresquectl("is damaged", true, "board", "import", damaged)
	id := regexp.MustCompile(`id of the wall +(\S+)`)
	first := id.FindStringSubmatch(told)
	again := fresquectl("moderator", false, "board", "import", file)
	if second := id.FindStringSubmatch(again); first == nil || second == nil || first[1] != second[1] {
		t.Fatalf("two walls: %s\n%s", told, again)
	}
	for state := ""; state != "ready"; {
		out := fresquectl(`"state"`, false, "board", "import", file, "-json")
		state = read[importedWall](t, []byte(out)).Media[0].State
		r.rest()
	}
	var copied entry
	copied.Board.ID = first[1]
	_, link, _ := strings.Cut(again, "moderator")
	copied.Links = append(copied.Links, struct{ Role, URL string }{"moderator", strings.Fields(link)[0]})
	r.enter(copied)
	files, in := r.archiveOf(copied.Board.ID)
	if len(in.Media) != 1 || !bytes.Equal(files[in.Media[0].File], notes) {
		t.Errorf("%s", files["board.json"])
	}
	fresquectl("no wall of Fresque", true, "board", "import", emptyZIP(t))
	fresquectl("none", true, "board", "import", "nowhere.zip")
}

func emptyZIP(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := zip.NewWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "empty.zip")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
