package unfurl_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/unfurl"
)

const hello = `<title>Bonjour</title>`

// closed has an address of each range that nothing may connect to.
var closed = map[string]string{
	"this network": "0.1.2.3", "unspecified": "0.0.0.0", "private 10": "10.1.2.3", "carrier": "100.64.0.1",
	"metadata of a cloud, carrier": "100.100.100.200", "loopback": "127.0.0.1", "another loopback": "127.9.9.9",
	"link-local": "169.254.1.1", "metadata": "169.254.169.254", "private 172": "172.16.0.1", "private 172, end": "172.31.255.255",
	"IETF": "192.0.0.1", "metadata of a cloud, IETF": "192.0.0.192", "documentation 1": "192.0.2.1",
	"6to4 relay": "192.88.99.1", "private 192": "192.168.1.1", "benchmarking": "198.18.0.1", "benchmarking, end": "198.19.255.255",
	"documentation 2": "198.51.100.1", "documentation 3": "203.0.113.1", "metadata of a cloud, public": "168.63.129.16",
	"multicast": "224.0.0.1", "reserved": "240.0.0.1", "broadcast": "255.255.255.255",
	"IPv6 unspecified": "::", "IPv6 loopback": "::1", "IPv4-compatible": "::10.0.0.1", "NAT64": "64:ff9b::808:808",
	"local NAT64": "64:ff9b:1::1", "discard": "100::1", "IPv6 benchmarking": "2001:2::1", "Teredo": "2001:0:1::1", "ORCHID": "2001:20::1",
	"IPv6 documentation": "2001:db8::1", "6to4": "2002:808:808::1", "new documentation": "3fff::1", "unique local": "fc00::1",
	"unique local, d": "fd00::1", "IPv6 metadata": "fd00:ec2::254", "IPv6 link-local": "fe80::1", "site-local": "fec0::1",
	"IPv6 multicast": "ff02::1", "segment routing": "5f00::1",
}

func literal(addr string) string {
	if strings.Contains(addr, ":") {
		return "http://[" + addr + "]/"
	}
	return "http://" + addr + "/"
}

func TestClosedAddresses(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	for name, addr := range closed {
		t.Run(name, func(t *testing.T) {
			w.set("closed.example", addr)
			wantRefused(t, r, "http://closed.example/")
			wantRefused(t, r, "https://closed.example/")
			wantRefused(t, r, literal(addr))
			// Not by chance either, beside one that is open.
			w.set("mixed.example", "93.184.215.14 "+addr)
			wantRefused(t, r, "http://mixed.example/")
			// Nor by way of one that is open.
			w.mux.Handle("/to/"+addr, http.RedirectHandler(literal(addr), http.StatusMovedPermanently))
			wantRefused(t, r, w.base+"/to/"+addr)
			w.mux.Handle("/named/"+addr, http.RedirectHandler("http://closed.example/", http.StatusTemporaryRedirect))
			wantRefused(t, r, w.base+"/named/"+addr)
		})
	}
}

func TestPublicAddressesPass(t *testing.T) {
	rules, err := unfurl.ParseRules(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Asked of the rules alone: a test connects to nobody outside.
	for _, addr := range []string{"93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a01:e0a::1"} {
		for port, want := range map[uint16]bool{80: true, 443: true, 8080: false} {
			if got := unfurl.Permits(rules, netip.AddrPortFrom(netip.MustParseAddr(addr), port)); got != want {
				t.Errorf("%s, port %d: %v", addr, port, got)
			}
		}
	}
}

func TestRefusedForms(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	for name, url := range map[string]string{
		"decimal": "http://2130706433/", "octal": "http://0177.0.0.1/", "octal whole": "http://017700000001/",
		"hex": "http://0x7f000001/", "hex parts": "http://0x7f.0.0.1/", "two parts": "http://127.1/", "three parts": "http://127.0.1/",
		"leading zeros": "http://127.000.000.001/", "dotted with a dot": "http://127.0.0.1./", "full-width": "http://１２７.０.０.１/",
		"mapped": "http://[::ffff:127.0.0.1]/", "mapped, hex": "http://[::ffff:7f00:1]/", "mapped, public": "http://[::ffff:8.8.8.8]/",
		"zone": "http://[fe80::1%25eth0]/", "encoded host": "http://127.0.0.%31/", "one label": "http://localhost/",
		"one label, port": "http://intranet:80/", "empty": "http:///x", "no host": "http:x", "user": "http://me@site.example/",
		"user and password": "http://a:b@site.example/", "empty user": "http://@site.example/",
		"file": "file:///etc/passwd", "ftp": "ftp://site.example/", "gopher": "gopher://site.example/", "data": "data:text/html,x",
		"javascript": "javascript:alert(1)", "no scheme": "//site.example/", "relative": "/x", "nothing": "",
		"backslash": `http://site.example\@127.0.0.1/`, "space": "http://site.example /", "newline": "http://site.example/\nx",
		"port 22": "http://site.example:22/", "port 8080": "http://site.example:8080/", "port 0": "http://site.example:0/",
		"big port": "http://site.example:65616/", "port of a public address": "http://93.184.215.14:6379/",
		"too long": "http://site.example/" + strings.Repeat("a", 4096),
	} {
		t.Run(name, func(t *testing.T) { wantRefused(t, r, url) })
	}
	if w.served() != "" {
		t.Errorf("asked for %s", w.served())
	}
}

func TestRedirects(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	w.page("/end", "text/html", hello)
	w.redirect("/3", w.base+"/2")
	w.redirect("/2", "/1")
	w.redirect("/1", "end")
	w.redirect("/4", "3")
	if p, err := read(t, r, w.base+"/3"); err != nil || p.Link.Title != "Bonjour" {
		t.Errorf("three redirects: %+v, %v", p, err)
	}
	if _, err := read(t, r, w.base+"/4"); err == nil {
		t.Error("four redirects are followed")
	}
	w.redirect("/round", "round")
	if _, err := read(t, r, w.base+"/round"); err == nil {
		t.Error("a circle is followed")
	}
	for i, to := range []string{
		"http://2130706433/", "file:///etc/passwd", "http://a@site.example/", "http://site.example:22/", `\\evil`, "http://[::1]/",
	} {
		path := "/away" + string(rune('0'+i))
		w.redirect(path, to)
		wantRefused(t, r, w.base+path)
	}
}

// A name that changes its address between two look-ups gains nothing: there is
// one, and the connection is made to its answer.
func TestRebinding(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	w.page("/a", "text/html", hello)
	w.set("turns.example", "127.0.0.1", "10.0.0.1")
	url := "http://turns.example:" + w.port() + "/a"
	if _, err := read(t, r, url); err != nil || w.lookUps("turns.example") != 1 {
		t.Errorf("looked up %d times: %v", w.lookUps("turns.example"), err)
	}
	wantRefused(t, r, url)
	// The redirect to oneself looks the name up again, and sees what it is now.
	w.set("self.example", "127.0.0.1", "169.254.169.254")
	w.redirect("/self", "http://self.example/latest/meta-data")
	wantRefused(t, r, "http://self.example:"+w.port()+"/self")
}

func TestRules(t *testing.T) {
	w := newWorld(t)
	w.page("/a", "text/html", hello)
	// One address and port opens neither its other ports nor its other names.
	wantRefused(t, w.reader(t), "http://127.0.0.1/")
	wantRefused(t, w.reader(t), "http://127.0.0.2:"+w.port()+"/a")
	if _, err := read(t, w.reader(t), "http://"+w.at.String()+"/a"); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	// A prefix opens the usual ports, and nothing else.
	wantRefused(t, w.reader(t, "10.0.0.0/8"), "http://10.1.2.3:8080/")
	rules, err := unfurl.ParseRules(nil, []string{"93.184.0.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, unfurl.NewReader(unfurl.Config{Rules: rules}), "http://93.184.215.14/")
	_, err = unfurl.ParseRules([]string{"10.0.0.0/8", "x", "10.0.0.1:80", "fe80::1%eth0"}, []string{"1.2.3.4:80"})
	if err == nil || err.Error() != `"x" is no address, prefix or address:port; "fe80::1%eth0" is no address, prefix or address:port; "1.2.3.4:80" is no address or prefix` {
		t.Errorf("faults: %v", err)
	}
}

// The machine's own addresses are closed although they may be public.
func TestOwnAddressesAreClosed(t *testing.T) {
	rules, err := unfurl.ParseRules([]string{"0.0.0.0/0", "::/0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := unfurl.NewReader(unfurl.Config{Rules: rules})
	addrs, err := net.InterfaceAddrs()
	if err != nil || len(addrs) == 0 {
		t.Fatal(err, addrs)
	}
	for _, a := range addrs {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || ip.IsLinkLocalUnicast() {
			continue
		}
		wantRefused(t, r, literal(ip.String()))
	}
}

// What is sent on is the product's name and nothing else.
func TestNothingIsSentOn(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	w := newWorld(t)
	r := w.reader(t)
	var seen []http.Header
	w.mux.HandleFunc("/from", func(rw http.ResponseWriter, _ *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "a", Value: "b"})
		rw.Header().Set("Location", "/to")
		rw.WriteHeader(http.StatusSeeOther)
	})
	w.mux.HandleFunc("/to", func(rw http.ResponseWriter, q *http.Request) {
		seen = append(seen, q.Header)
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(hello))
	})
	if _, err := read(t, r, w.base+"/from?secret=1#fragment"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Cookie", "Referer", "Authorization"} {
		if seen[0].Get(name) != "" {
			t.Errorf("%s: %q", name, seen[0].Get(name))
		}
	}
	if seen[0].Get("User-Agent") != "Fresque/test" {
		t.Errorf("User-Agent: %q", seen[0].Get("User-Agent"))
	}
}

func TestPictures(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	w.page("/a.png", "image/png", "png")
	w.page("/page", "text/html", hello)
	w.page("/large", "image/png", strings.Repeat("x", 4<<20+1))
	for path, ok := range map[string]bool{"/a.png": true, "/page": false, "/large": false, "/none": false} {
		if _, err := r.Picture(context.Background(), w.base+path); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, addr := range []string{"127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"} {
		if _, err := r.Picture(context.Background(), literal(addr)); !errors.Is(err, unfurl.ErrRefused) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
