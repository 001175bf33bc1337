package uploads

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/cors"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/headers"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/internal/bounds"
	"fresque.dev/services/media/internal/media"
)

// Root is where uploads are created on this listener; each has its address
// below it.
const Root = "/uploads/"

const tusVersion = "1.0.0"

// Config says who may send, what, and whom to tell.
type Config struct {
	Quarantine *Quarantine
	Register   media.Register
	Keys       media.Keys
	// Changed is called when an upload has wholly come or was taken back.
	Changed func(media.ID)
	// PublicURL is where clients reach Root.
	PublicURL string
	// Origins are those of the app, exactly: scheme://host[:port].
	Origins []string
	// MaxBytes holds whatever a ticket says.
	MaxBytes int64
	// Reserve is the room on the disk that uploads must leave, in bytes.
	Reserve int64
	// Store is the most bytes that all objects may have, and Used tells how many
	// they have; 0 is for no limit.
	Store int64
	Used  func() (int64, bool)
	// Each is the most uploads that one person may have on their way at a time; 0
	// for no limit.
	Each int
	// Bounds are those of one address; nil for none.
	Bounds *bounds.Bounds
	// Peers is a key by which replicas know each other, and nobody else; without one
	// each counts what another hands on as that one's.
	Peers []byte
	// Silence is how long a client may pause within a request.
	Silence  time.Duration
	Messages problem.Catalogue
	Log      *slog.Logger
	// Tracer follows requests; nil for nobody.
	Tracer *telemetry.Tracer
	// Seen is told of each request.
	Seen telemetry.Seen
	Now  func() time.Time
}

// Server is where uploads are taken.
type Server struct {
	http.Handler
	server *server
}

// Received is how many bytes of uploads have come here.
func (s *Server) Received() uint64 { return atomic.LoadUint64(s.server.received) }

type server struct {
	Config
	tus      http.Handler
	pace     *pace
	peers    *http.Transport
	received *uint64
}

type ticketKey struct{}

// NewHandler serves the tus protocol below Root.
func NewHandler(cfg Config) (*Server, error) {
	composer := handler.NewStoreComposer()
	tusStore{cfg.Quarantine, cfg.Changed, cfg.Log}.useIn(composer)
	memorylocker.New().UseIn(composer)
	s := &server{Config: cfg, pace: newPace(cfg.Each), peers: peers()}
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer:           composer,
		BasePath:                strings.TrimSuffix(cfg.PublicURL, "/") + "/",
		MaxSize:                 cfg.MaxBytes,
		DisableDownload:         true,
		DisableConcatenation:    true,
		NetworkTimeout:          cfg.Silence,
		Cors:                    &handler.CorsConfig{Disable: true},
		Logger:                  tusLogger(cfg.Log),
		PreUploadCreateCallback: s.beforeCreate,
	})
	if err != nil {
		return nil, err
	}
	s.received = tus.Metrics.BytesReceived
	s.tus = http.StripPrefix(strings.TrimSuffix(Root, "/"), tus)
	answer := s.cors(http.HandlerFunc(s.serve))
	return &Server{telemetry.HTTP(cfg.Log, cfg.Tracer, cfg.Seen, routeOf, protect(headers.Of(headers.Intake, cfg.PublicURL), answer)), s}, nil
}

// routeOf names what is asked for, in logs.
func routeOf(r *http.Request) string {
	switch rest, ok := strings.CutPrefix(r.URL.Path+"/", Root); {
	case !ok:
		return "none"
	case strings.Trim(rest, "/") == "":
		return Root
	}
	return Root + "{media}"
}

// protect is for every answer, those to questions of CORS too.
func protect(list []headers.Header, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range list {
			w.Header().Set(h.Name, h.Value)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) cors(next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins: s.Origins,
		AllowedMethods: []string{http.MethodPost, http.MethodHead, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{
			"Authorization", "Content-Type", "Accept-Language", "X-Request-ID",
			"Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata",
		},
		ExposedHeaders: []string{
			"Location", "Upload-Offset", "Upload-Length", "Tus-Resumable", "Tus-Version",
			"Tus-Extension", "Tus-Max-Size", "Retry-After",
		},
		MaxAge: 600,
	}).Handler(next)
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	rest, ok := strings.CutPrefix(r.URL.Path+"/", Root)
	if !ok {
		s.refuse(w, r, media.ErrNotFound)
		return
	}
	address := s.addressOf(r)
	if err := s.admit(r, address); err != nil {
		s.refuse(w, r, err)
		return
	}
	r.Body = s.patient(w, r, address)
	id := media.ID(strings.Trim(rest, "/"))
	// Whoever asks for the protocol's version shows no ticket.
	if r.Method == http.MethodOptions {
		s.tus.ServeHTTP(w, r)
		return
	}
	// Proxies and Flash are no reason to let one method pass as another.
	r.Header.Del("X-HTTP-Method-Override")
	ticket, err := s.ticket(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	telemetry.OfBoard(r.Context(), string(ticket.Board))
	r = r.WithContext(context.WithValue(r.Context(), ticketKey{}, ticket))
	if err := s.route(w, r, id, ticket, address); err != nil {
		s.refuse(w, r, err)
	}
}

// route lets tusd do what the ticket opens, here or on the replica that has the
// upload.
func (s *server) route(w http.ResponseWriter, r *http.Request, id media.ID, t media.Ticket, address string) error {
	creates := r.Method == http.MethodPost && id == ""
	switch {
	case !creates && !id.Valid():
		return media.ErrNotFound
	case !creates && id != t.Media:
		return media.ErrNotYours
	}
	record, err := s.known(t)
	if err != nil {
		return err
	}
	switch here := record != nil && !s.movedAway(t); {
	case creates && here:
		return s.createdBefore(w, r, *record, t)
	case creates:
		return s.create(w, r, t, address)
	case !here:
		return s.elsewhere(w, r, t)
	case r.Method == http.MethodDelete && record.Arrived():
		return media.ErrComplete
	case record.Outcome != nil && !record.Arrived():
		return media.ErrOver
	}
	s.tus.ServeHTTP(w, r)
	return nil
}

// known finds the ticket's upload; nil when it is not created yet. An upload
// belongs to who created it, whatever later tickets say.
func (s *server) known(t media.Ticket) (*media.Record, error) {
	record, err := s.Quarantine.Find(t.Media)
	if errors.Is(err, media.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if record.Owner != t.Owner || record.Board != t.Board {
		return nil, media.ErrNotYours
	}
	return &record, nil
}

// createdBefore answers as the first time, when that answer was lost.
func (s *server) createdBefore(w http.ResponseWriter, r *http.Request, record media.Record, t media.Ticket) error {
	size, err := s.announced(r, t)
	switch {
	case err != nil:
		return err
	case record.Outcome != nil && !record.Arrived():
		return media.ErrOver
	case record.Size != size:
		return media.ErrSizeChanged
	}
	s.created(w, t)
	return nil
}

func (s *server) created(w http.ResponseWriter, t media.Ticket) {
	w.Header().Set("Location", strings.TrimSuffix(s.PublicURL, "/")+"/"+string(t.Media))
	w.WriteHeader(http.StatusCreated)
}

// create starts an upload here, unless another replica has it.
func (s *server) create(w http.ResponseWriter, r *http.Request, t media.Ticket, address string) error {
	size, err := s.announced(r, t)
	if err != nil {
		return err
	}
	e, err := s.Register.Find(r.Context(), t.Board, t.Media)
	if err != nil && !errors.Is(err, media.ErrNotFound) {
		return err
	}
	if e.Standing == media.Open && e.Replica != s.Register.Self() {
		if err := s.forward(w, r, e.Replica); !errors.Is(err, media.ErrNotFound) {
			return err
		}
	}
	if e.Standing == "" || e.Standing == media.Open {
		if err := s.mayBegin(r.Context(), size, t, address); err != nil {
			return err
		}
		if e, err = s.Register.Claim(r.Context(), media.Upload{ID: t.Media, Board: t.Board, Owner: t.Owner, Size: size}); err != nil {
			return err
		}
	}
	return s.begin(w, r, e, size, t)
}

// begin answers for an upload that is not here yet as the replicas agree on it.
func (s *server) begin(w http.ResponseWriter, r *http.Request, e media.Entry, size int64, t media.Ticket) error {
	switch {
	case e.Owner != "" && e.Owner != t.Owner:
		return media.ErrNotYours
	case e.Standing == media.Open && e.Replica != s.Register.Self():
		return s.forward(w, r, e.Replica) // somebody was faster
	case e.Standing == media.Open:
		s.tus.ServeHTTP(w, r)
		return nil
	case !e.Arrived:
		return media.ErrOver
	case e.Size != size:
		return media.ErrSizeChanged
	}
	s.created(w, t)
	return nil
}

// mayBegin tells why one more upload cannot begin here now.
func (s *server) mayBegin(ctx context.Context, size int64, t media.Ticket, address string) error {
	if err := s.pace.check(t.Owner, s.Register.All(), s.Now()); err != nil {
		return err
	}
	if err := s.Bounds.Begin(ctx, address); err != nil {
		return err
	}
	return s.checkRoom(size, t)
}

// announced checks the size of the file to come.
func (s *server) announced(r *http.Request, t media.Ticket) (int64, error) {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	limit := min(t.Max, s.MaxBytes)
	switch {
	case err != nil || size < 0:
		return 0, media.ErrSizeMissing
	case size == 0:
		return 0, media.ErrEmpty
	case size > limit:
		return 0, media.ErrTooLarge.With("max", (limit+1<<20-1)>>20)
	}
	return size, nil
}

// roomToConvert is how many times its own size a file may need on the disk that
// is converted there.
const roomToConvert = 3

// checkRoom refuses a file that the disk, or the object store, cannot take.
func (s *server) checkRoom(size int64, t media.Ticket) error {
	free, err := s.Quarantine.Free()
	if err != nil {
		return err
	}
	toCome, err := s.Quarantine.toCome()
	if err != nil {
		return err
	}
	needed := size
	if t.Kinds[0].Slow() {
		needed *= roomToConvert
	}
	if free-toCome-needed < s.Reserve {
		s.Log.Error("no room for uploads", "free", free, "toCome", toCome, "reserve", s.Reserve)
		return media.ErrNoRoom
	}
	if s.Store == 0 {
		return nil
	}
	used, known := s.Used()
	if !known {
		return media.ErrNoRoom // it is being counted
	}
	pending := s.pending()
	if used+pending+size > s.Store {
		s.Log.Error("the object store is full", "used", used, "pending", pending, "limit", s.Store)
		return media.ErrPlatformFull
	}
	return nil
}

// pending is how many bytes are on their way, on all replicas.
func (s *server) pending() (n int64) {
	for _, e := range s.Register.All() {
		if e.Standing == media.Open {
			n += e.Size
		}
	}
	return n
}

// beforeCreate names the upload after its media and keeps what the ticket says.
func (s *server) beforeCreate(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	t := hook.Context.Value(ticketKey{}).(media.Ticket)
	return handler.HTTPResponse{}, handler.FileInfoChanges{
		ID: string(t.Media),
		MetaData: handler.MetaData{
			metaBoard: string(t.Board), metaOwner: string(t.Owner), metaDeclared: t.Type, metaName: t.Name, metaKinds: kindsOf(t), metaTrace: t.Trace,
		},
	}, nil
}

func kindsOf(t media.Ticket) string {
	names := make([]string, len(t.Kinds))
	for i, k := range t.Kinds {
		names[i] = string(k)
	}
	return strings.Join(names, " ")
}

// ticket checks the board's leave to send.
func (s *server) ticket(r *http.Request) (media.Ticket, error) {
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return media.Ticket{}, media.ErrTicketMissing
	}
	var keyErr error
	claims, err := token.Verify(raw, token.TypeUpload, token.AudienceMedia, s.keyFunc(r.Context(), &keyErr), s.Now)
	switch {
	case errors.Is(keyErr, media.ErrKeysUnavailable):
		return media.Ticket{}, keyErr
	case errors.Is(err, token.ErrExpired):
		return media.Ticket{}, media.ErrTicketExpired
	case err != nil:
		return media.Ticket{}, media.ErrTicketInvalid
	}
	t := media.Ticket{
		Media: media.ID(claims.Media), Board: media.ID(claims.Board), Owner: media.ID(claims.Subject),
		Max: claims.Max, Type: claims.Type, Name: claims.Name, Trace: claims.Trace,
	}
	for _, k := range claims.Kinds {
		t.Kinds = append(t.Kinds, media.Kind(k))
	}
	switch {
	case !t.Media.Valid() || !t.Board.Valid() || t.Owner == "" || t.Max < 1:
		return media.Ticket{}, media.ErrTicketInvalid
	case len(t.Kinds) == 0 || slices.ContainsFunc(t.Kinds, func(k media.Kind) bool { return !k.Known() }):
		return media.Ticket{}, media.ErrKindNotAllowed
	}
	return t, nil
}

// headersOf are those of a refusal.
func headersOf(err error) map[string]string {
	// What the client still sends is not worth reading.
	out := map[string]string{"Content-Type": problem.ContentType, "Connection": "close"}
	if seconds, says := problem.Wait(err); says {
		out["Retry-After"] = strconv.Itoa(seconds)
	} else if fault.KindOf(err) == fault.Unavailable {
		out["Retry-After"] = "5"
	}
	return out
}

// refuse answers with a problem in the client's language.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.Messages.Of(err, r.Header.Get("Accept-Language"))
	telemetry.Refused(r.Context(), p.Code)
	if p.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(r.Context(), "upload request failed", "code", p.Code, "error", err)
	}
	for name, value := range headersOf(err) {
		w.Header().Set(name, value)
	}
	w.WriteHeader(p.Status)
	if r.Method == http.MethodHead {
		return
	}
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.Log.DebugContext(r.Context(), "problem not sent", "error", err)
	}
}
