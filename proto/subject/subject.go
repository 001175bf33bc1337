// Package subject is the one place where NATS subjects and stream names are
// spelled, so that no two services can disagree about them.
package subject

import "strings"

// BoardStream holds the events of all boards, one subject a board (rule S6).
const BoardStream = "FRESQUE_BOARD"

// MediaStream holds the events of all uploads, one subject a board.
const MediaStream = "FRESQUE_MEDIA"

// MediaCommands holds what the media service is asked to do, until it is done.
const MediaCommands = "FRESQUE_MEDIA_COMMANDS"

// DeliveryStream holds which notices are still to be carried to platforms, one
// subject a participant of a board.
const DeliveryStream = "FRESQUE_DELIVERIES"

const (
	boardEvents = "fresque.board.events."
	boardLive   = "fresque.board.live."
	presence    = "fresque.board.presence."
	mediaEvents = "fresque.media.events."
	mediaOrders = "fresque.media.commands."
	deliveries  = "fresque.board.deliveries."
)

// AllBoardEvents is what BoardStream stores.
const AllBoardEvents = boardEvents + "*"

// AllBoardLive is where BoardStream republishes what it stored.
const AllBoardLive = boardLive + "{{wildcard(1)}}"

// AllMediaEvents is what MediaStream stores.
const AllMediaEvents = mediaEvents + "*"

// AllMediaCommands is what MediaCommands stores.
const AllMediaCommands = mediaOrders + "*"

// AllDeliveries is what DeliveryStream stores.
const AllDeliveries = deliveries + "*.*.*"

// Delivery is where a notice about a participant of a platform's board waits.
func Delivery(platform, board, participant string) string {
	return deliveries + platform + "." + board + "." + participant
}

// Deliveries are all those of one platform.
func Deliveries(platform string) string { return deliveries + platform + ".*.*" }

// BoardOf reads the board out of a subject of BoardEvents.
func BoardOf(events string) string { return strings.TrimPrefix(events, boardEvents) }

// DeliveryOf reads what Delivery was given; false for another subject.
func DeliveryOf(subject string) (platform, board, participant string, ok bool) {
	rest, found := strings.CutPrefix(subject, deliveries)
	parts := strings.Split(rest, ".")
	if !found || len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// VerificationKeys answers GetVerificationKeysRequest.
const VerificationKeys = "fresque.board.rpc.verification_keys"

// BoardEvents is where the events of one board are published.
func BoardEvents(boardID string) string { return boardEvents + boardID }

// BoardLive is where the events of one board come out again once stored.
func BoardLive(boardID string) string { return boardLive + boardID }

// BoardPresence is where replicas tell each other who is on a board.
func BoardPresence(boardID string) string { return presence + boardID }

// MediaEvents is where the upload events of one board are published.
func MediaEvents(boardID string) string { return mediaEvents + boardID }

// MediaCommand is where the media service is asked to do something about one
// board.
func MediaCommand(boardID string) string { return mediaOrders + boardID }

// MediaUploads is the bucket in which the replicas of the media service agree
// whose an upload is and how it ended.
const MediaUploads = "FRESQUE_MEDIA_UPLOADS"

// MediaReplicas is the bucket in which they say that they are there, and where.
const MediaReplicas = "FRESQUE_MEDIA_REPLICAS"

// MediaCalls is the bucket in which they count together what addresses ask.
const MediaCalls = "FRESQUE_MEDIA_CALLS"

// MediaStored is where they tell each other how much they have stored.
const MediaStored = "fresque.media.stored"
