package wiring

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

func TestNATSReadsItsFiles(t *testing.T) {
	for name, value := range map[string]string{"POD_NAME": "nats-0", "BOARD_PASSWORD": "n1e5", "MEDIA_PASSWORD": "n2"} {
		t.Setenv(name, value)
	}
	for _, file := range []string{"compose/nats.conf", "k8s/components/nats/nats.conf"} {
		o, err := server.ProcessConfigFile("../../../deploy/" + file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		names := map[string]string{}
		for _, u := range o.Users {
			names[u.Username] = u.Password
		}
		if !o.JetStream || o.StoreDir != "/data" || len(names) != 2 || names["board"] != "n1e5" || names["media"] != "n2" {
			t.Errorf("%s: JetStream %v in %s, users %v", file, o.JetStream, o.StoreDir, names)
		}
	}
}
