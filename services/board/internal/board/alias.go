package board

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// AliasMaker makes pseudonyms from a key: an id that nobody can trace back
// without it, and a name to call somebody by.
type AliasMaker struct{ key []byte }

// NewAliasMaker takes a key of 32 bytes.
func NewAliasMaker(key []byte) AliasMaker { return AliasMaker{key: key} }

// aliasNumbers is how many people share an animal before two may share a name.
const aliasNumbers = 900

// animals are those of pseudonyms, friendly ones of one short word.
var animals = map[string][]string{
	"fr": {
		"Abeille", "Alouette", "Baleine", "Belette", "Bouvreuil", "Caméléon", "Castor", "Cerf", "Chamois", "Chevreuil", "Cigale", "Cigogne",
		"Coccinelle", "Colibri", "Dauphin", "Écureuil", "Faucon", "Flamant", "Fourmi", "Gazelle", "Geai", "Girafe", "Grillon", "Hérisson",
		"Héron", "Hibou", "Hirondelle", "Koala", "Lama", "Libellule", "Lièvre", "Loir", "Loutre", "Luciole", "Lynx", "Marmotte", "Martinet",
		"Merle", "Mésange", "Moineau", "Mouflon", "Okapi", "Panda", "Papillon", "Pélican", "Phoque", "Pinson", "Pivert", "Raton", "Renard",
		"Renne", "Rouge-gorge", "Salamandre", "Sittelle", "Sterne", "Suricate", "Tamarin", "Tortue", "Toucan", "Tourterelle", "Triton", "Wapiti",
		"Wombat", "Zèbre",
	},
	"en": {
		"Bee", "Lark", "Whale", "Weasel", "Bullfinch", "Chameleon", "Beaver", "Stag", "Chamois", "Deer", "Cicada", "Stork",
		"Ladybird", "Hummingbird", "Dolphin", "Squirrel", "Falcon", "Flamingo", "Ant", "Gazelle", "Jay", "Giraffe", "Cricket", "Hedgehog",
		"Heron", "Owl", "Swallow", "Koala", "Llama", "Dragonfly", "Hare", "Dormouse", "Otter", "Firefly", "Lynx", "Marmot", "Swift",
		"Blackbird", "Tit", "Sparrow", "Mouflon", "Okapi", "Panda", "Butterfly", "Pelican", "Seal", "Finch", "Woodpecker", "Raccoon", "Fox",
		"Reindeer", "Robin", "Salamander", "Nuthatch", "Tern", "Meerkat", "Tamarin", "Turtle", "Toucan", "Dove", "Newt", "Wapiti",
		"Wombat", "Zebra",
	},
}

// Alias is a participant's pseudonym on a board under a promise. Trainers know
// who wrote what is anonymous to peers: were the pseudonym the same under both
// promises, they would know it of what is anonymous to them.
func (a AliasMaker) Alias(board, participant ID, promise Anonymity, language string) Author {
	sum := a.sum("participant "+string(promise), board, participant)
	names, known := animals[language]
	if !known {
		names = animals["fr"]
	}
	n := binary.BigEndian.Uint64(sum[16:])
	name := names[n%uint64(len(names))] + " " + strconv.FormatUint(100+n/uint64(len(names))%aliasNumbers, 10)
	return Author{ID: uuidOf(sum[:16], 8), Name: name}
}

// Unlinked is a pseudonym of one post alone.
func (a AliasMaker) Unlinked(board, post ID, language string) Author {
	return Author{ID: uuidOf(a.sum("post", board, post)[:16], 8), Name: nameless(language)}
}

// nameless is what somebody is called whose name is nobody's to know.
func nameless(language string) string {
	if language == "en" {
		return "Anonymous"
	}
	return "Anonyme"
}

func (a AliasMaker) sum(of string, board, id ID) []byte {
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte("fresque alias\x00" + of + "\x00" + string(board) + "\x00" + string(id)))
	return mac.Sum(nil)
}
