// Package natsrights writes what each service may do for a NATS server: the rights
// are stated in proto/subject, and everything else is made of them.
package natsrights

import (
	"fmt"
	"strings"

	"fresque.dev/proto/subject"
)

// Variable names the variable of the server's environment (or of its configuration)
// that holds a user's password, as it is or as bcrypt.
func Variable(user string) string { return "FRESQUE_NATS_" + strings.ToUpper(user) + "_PASSWORD" }

// The users besides the services.
const (
	// Administrator declares streams, and reads all: fresquectl nats, backups.
	Administrator = "administrator"
	// System watches the servers, and sees nothing of the account.
	System = "system"
)

// answerWithin is how long a service may answer who asked it.
const answerWithin = "10s"

// Conf is the part of a server's configuration that says who may do what: an
// account for Fresque with a user for each service and one for an administrator,
// and the system account. With makes the services may make their streams.
func Conf(makes bool) string {
	var b strings.Builder
	b.WriteString("# Made of proto/subject/rights.go: fresquectl nats permissions; see docs/nats.md.\n")
	b.WriteString("accounts {\n  FRESQUE {\n    jetstream: enabled\n    users: [\n")
	for _, s := range subject.Services() {
		r := subject.RightsOf(s, makes)
		fmt.Fprintf(&b, "      {\n        user: %s, password: $%s\n        permissions: {\n", s, Variable(string(s)))
		list(&b, "publish", r.Publish)
		list(&b, "subscribe", r.Subscribe)
		if r.Answers {
			fmt.Fprintf(&b, "          allow_responses: {max: 1, expires: %q}\n", answerWithin)
		}
		b.WriteString("        }\n      }\n")
	}
	fmt.Fprintf(&b, "      {user: %s, password: $%s}\n    ]\n  }\n", Administrator, Variable(Administrator))
	fmt.Fprintf(&b, "  SYS {users: [{user: %s, password: $%s}]}\n}\nsystem_account: SYS\n", System, Variable(System))
	return b.String()
}

func list(b *strings.Builder, what string, subjects []string) {
	fmt.Fprintf(b, "          %s: {allow: [\n", what)
	for _, one := range subjects {
		fmt.Fprintf(b, "            %q\n", one)
	}
	b.WriteString("          ]}\n")
}

// Nsc are the commands that give the same users credentials (JWT) in an account.
func Nsc(account string, makes bool) string {
	var b strings.Builder
	for _, s := range subject.Services() {
		r := subject.RightsOf(s, makes)
		fmt.Fprintf(&b, "nsc add user --account %s --name %s", account, s)
		if r.Answers {
			fmt.Fprintf(&b, " --allow-pub-response=1 --response-ttl %s", answerWithin)
		}
		fmt.Fprintf(&b, " \\\n  --allow-pub '%s' \\\n  --allow-sub '%s'\n", strings.Join(r.Publish, ","), strings.Join(r.Subscribe, ","))
		fmt.Fprintf(&b, "nsc generate creds --account %s --name %s > fresque-%s.creds\n", account, s, s)
	}
	return b.String()
}
