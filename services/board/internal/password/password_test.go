package password

import (
	"strings"
	"testing"
)

func TestAHashTellsItsPasswordFromOthers(t *testing.T) {
	h := NewHasher()
	one, err := h.Hash("sésame")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.Hash("sésame")
	if err != nil {
		t.Fatal(err)
	}
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Fatalf("%s and %s", one, two)
	}
	if !h.Check(one, "sésame") || !h.Check(two, "sésame") || h.Check(one, "sesame") || h.Check(one, "") {
		t.Fatal("the wrong passwords are taken")
	}
}

func TestWhatIsNoHashIsNobodys(t *testing.T) {
	h := NewHasher()
	good, err := h.Hash("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{
		"", "x", "$argon2i" + good[9:], strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "t=3", "t=0", 1),
		strings.Replace(good, "m=65536", "m=4000000000", 1), strings.Replace(good, "p=4", "p=0", 1), good[:strings.LastIndex(good, "$")+1],
	} {
		if h.Check(hash, "x") {
			t.Errorf("%q is taken", hash)
		}
	}
}
