package subject

// Service is one that speaks over NATS.
type Service string

// The services. The web server and the reverse proxy have no part in NATS.
const (
	BoardService Service = "board"
	MediaService Service = "media"
)

// Services are all of them.
func Services() []Service { return []Service{BoardService, MediaService} }

// Inbox is what the subjects of answers to a service begin with. Each has its
// own, or one could read what the other is answered.
func (s Service) Inbox() string { return "_INBOX_" + string(s) }

// Who reads which stream, by the name of its consumer.
const (
	// ChangeConsumer reads BoardStream: whose part in a board has changed.
	ChangeConsumer = "participation"
	// NewsConsumer reads MediaStream for the board service.
	NewsConsumer = "board"
	// OrderConsumer reads MediaCommands for the media service.
	OrderConsumer = "media"
	// DeliveryConsumer reads DeliveryStream.
	DeliveryConsumer = "deliveries"
)

// GuessBucket and CallBucket hold what replicas of the board service count
// together.
const (
	GuessBucket = "guesses"
	CallBucket  = "calls"
)

// Buckets are all those of the board service.
func Buckets() []string { return []string{GuessBucket, CallBucket} }

// Rights are the subjects that a service may use, and no others.
type Rights struct {
	Publish, Subscribe []string
	// Answers lets it answer once whoever asks it something.
	Answers bool
}

// RightsOf gives a service's rights. With makes it may also make and change its
// streams and their consumers: where an administrator declares those, it need
// not, and a service that was taken over can't turn a stream elsewhere.
func RightsOf(s Service, makes bool) Rights {
	switch s {
	case BoardService:
		return boardRights(makes)
	case MediaService:
		return mediaRights(makes)
	}
	return Rights{}
}

func boardRights(makes bool) Rights {
	r := Rights{
		Publish:   []string{AllBoardEvents, presence + "*", AllDeliveries, AllMediaCommands},
		Subscribe: []string{BoardService.Inbox() + ".>", boardLive + "*", presence + "*", VerificationKeys},
		Answers:   true,
	}
	r.reads(BoardStream, AllBoardEvents, ChangeConsumer, makes)
	r.Publish = append(r.Publish, api+"STREAM.PURGE."+BoardStream)
	r.reads(DeliveryStream, "", DeliveryConsumer, makes)
	// The media service makes its stream; who listens to it comes by itself.
	r.consumes(MediaStream, NewsConsumer, makes)
	r.stream(MediaCommands, makes)
	for _, bucket := range Buckets() {
		r.bucket(bucket, "*", makes)
	}
	if makes {
		r.Publish = append(r.Publish, api+"INFO") // asked before a bucket is made
	}
	return r
}

func mediaRights(makes bool) Rights {
	r := Rights{
		Publish:   []string{AllMediaEvents, VerificationKeys, MediaStored},
		Subscribe: []string{MediaService.Inbox() + ".>", MediaStored},
	}
	r.stream(MediaStream, makes)
	r.stream(MediaCommands, makes)
	r.consumes(MediaCommands, OrderConsumer, makes)
	r.bucket(MediaReplicas, "*", makes)
	r.bucket(MediaCalls, "*", makes)
	r.bucket(MediaUploads, "*.*", makes)
	r.watches(MediaUploads)
	if makes {
		r.Publish = append(r.Publish, api+"INFO") // asked before a bucket is made
	}
	return r
}

// bucket lets somebody read and write a bucket whose keys are so.
func (r *Rights) bucket(name, keys string, makes bool) {
	stored := "$KV." + name + "." + keys
	r.stream("KV_"+name, makes)
	r.Publish = append(r.Publish, stored, api+"DIRECT.GET.KV_"+name+"."+stored)
}

// watches lets somebody hear what changes in a bucket, by consumers that come and
// go with who hears.
func (r *Rights) watches(bucket string) {
	of := "KV_" + bucket
	r.Publish = append(r.Publish,
		api+"CONSUMER.CREATE."+of+".>", api+"CONSUMER.INFO."+of+".*", api+"CONSUMER.DELETE."+of+".*", "$JS.FC."+of+".>")
}

// api is what JetStream is asked by.
const api = "$JS.API."

// stream lets somebody look at a stream, and with makes, make and change it.
func (r *Rights) stream(name string, makes bool) {
	r.Publish = append(r.Publish, api+"STREAM.INFO."+name)
	if makes {
		r.Publish = append(r.Publish, api+"STREAM.CREATE."+name, api+"STREAM.UPDATE."+name)
	}
}

// reads lets somebody read single messages of a stream, and consume it. direct
// are the subjects that any server of the cluster may read out.
func (r *Rights) reads(name, direct, consumer string, makes bool) {
	r.stream(name, makes)
	if direct == "" {
		r.Publish = append(r.Publish, api+"STREAM.MSG.GET."+name)
	} else {
		r.Publish = append(r.Publish, api+"DIRECT.GET."+name, api+"DIRECT.GET."+name+"."+direct)
	}
	r.consumes(name, consumer, makes)
}

// consumes lets somebody take from a stream.
func (r *Rights) consumes(name, consumer string, makes bool) {
	of := name + "." + consumer
	r.Publish = append(r.Publish, api+"CONSUMER.INFO."+of, api+"CONSUMER.MSG.NEXT."+of, "$JS.ACK."+of+".>")
	if makes {
		r.Publish = append(r.Publish, api+"CONSUMER.CREATE."+of)
	}
}
