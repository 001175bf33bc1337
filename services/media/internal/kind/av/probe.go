package av

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"time"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/kind"
)

const (
	probeMemory = 512 << 20
	probeWithin = 2 * time.Minute
	// thisFile is what a tool was given to read.
	thisFile = "/proc/self/fd/0"
)

// stream is a sound or a moving picture within a file.
type stream struct {
	CodecType string `json:"codec_type"`
	Codec     string `json:"codec_name"`
	Profile   string `json:"profile"`
	Pixels    string `json:"pix_fmt"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	// Disposition tells a cover from a video.
	Disposition struct {
		Cover int `json:"attached_pic"`
	} `json:"disposition"`
}

// contents are what is in a file; nil for none.
type contents struct {
	video, sound *stream
	// duration is in seconds, 0 when the file does not tell.
	duration float64
}

// probe lets ffprobe look.
func probe(ctx context.Context, shop kind.Workshop, dir string, file *os.File, demuxer string) (contents, error) {
	said, err := shop.Run(ctx, confine.Command{
		Path: shop.Tool(ToolProbe), Dir: dir, Stdin: file, Memory: probeMemory, FileSize: 1, Timeout: probeWithin, Output: 1 << 20,
		Args: []string{
			"-v", "error", "-protocol_whitelist", "file", "-f", demuxer,
			"-show_entries", "format=duration:stream=codec_type,codec_name,profile,pix_fmt,width,height:stream_disposition=attached_pic",
			"-of", "json", thisFile,
		},
	})
	if err != nil {
		return contents{}, err
	}
	var told struct {
		Streams []stream `json:"streams"`
		Format  struct {
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.Unmarshal(said, &told); err != nil {
		return contents{}, confine.ErrFailed
	}
	var c contents
	for i, s := range told.Streams {
		switch {
		case s.CodecType == "video" && s.Disposition.Cover == 0 && c.video == nil:
			c.video = &told.Streams[i]
		case s.CodecType == "audio" && c.sound == nil:
			c.sound = &told.Streams[i]
		}
	}
	if d, err := strconv.ParseFloat(told.Format.Duration, 64); err == nil && d > 0 && d < 1e7 {
		c.duration = d
	}
	return c, nil
}

// plays tells whether browsers play what is in a container as it is, and in
// which form it is kept.
func (c contents) plays(in container) (sort, bool) {
	if c.video == nil {
		return c.soundPlays(in)
	}
	sound := ""
	if c.sound != nil {
		sound = c.sound.Codec
	}
	switch in.demuxer {
	case "mov":
		eightBit := c.video.Pixels == "yuv420p" || c.video.Pixels == "yuvj420p"
		return mp4.video, c.video.Codec == "h264" && eightBit && (sound == "" || sound == "aac" || sound == "mp3")
	case "matroska":
		video := c.video.Codec == "vp8" || c.video.Codec == "vp9" || c.video.Codec == "av1"
		return webm.video, video && (sound == "" || sound == "opus" || sound == "vorbis")
	}
	return mp4.video, false
}

// soundPlays is plays for sounds. What only some browsers play, such as Ogg, is
// converted.
func (c contents) soundPlays(in container) (sort, bool) {
	switch {
	case in.demuxer == "mp3" && c.sound.Codec == "mp3":
		return mp3.sound, true
	case (in.demuxer == "mov" || in.demuxer == "aac") && c.sound.Codec == "aac":
		return mp4.sound, true
	}
	return mp4.sound, false
}
