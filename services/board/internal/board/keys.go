package board

// Keys are those of the service, sealed: what tokens, links, pseudonyms and
// webhooks are made with. They outlive the master key that an operator changes.
type Keys struct {
	Meta
	// Primary names the newest master key, and Sealed has the same keys under each
	// master key that may open them, by its name, in base64.
	Primary string            `json:"primary"`
	Sealed  map[string]string `json:"sealed"`
}

// Kind tells KindKeys.
func (*Keys) Kind() Kind { return KindKeys }

// KeysKey is where they are: there is one.
func KeysKey() Key {
	id := derivedID("keys")
	return Key{Board: id, Kind: KindKeys, ID: id}
}
