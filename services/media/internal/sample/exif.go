package sample

import "encoding/binary"

// EXIF is a TIFF block with a make, an orientation and a GPS position.
func EXIF(orientation int) []byte {
	const (
		ascii, short, long, rational = 2, 3, 4, 5
		ifd0At                       = 8
		ifd0Entries                  = 3
		gpsEntries                   = 5
	)
	e := binary.LittleEndian
	gpsAt := uint32(ifd0At + 2 + 12*ifd0Entries + 4)
	heapAt := gpsAt + 2 + 12*gpsEntries + 4
	var heap []byte
	keep := func(b []byte) uint32 {
		at := heapAt + uint32(len(heap))
		heap = append(heap, b...)
		return at
	}
	entry := func(out []byte, tag, typ uint16, count, value uint32) []byte {
		out = e.AppendUint16(out, tag)
		out = e.AppendUint16(out, typ)
		out = e.AppendUint32(out, count)
		return e.AppendUint32(out, value)
	}
	text := func(out []byte, tag uint16, s string) []byte {
		return entry(out, tag, ascii, uint32(len(s)+1), keep(append([]byte(s), 0)))
	}
	degrees := func(d, m, s uint32) []byte {
		var b []byte
		for _, v := range []uint32{d, 1, m, 1, s, 100} {
			b = e.AppendUint32(b, v)
		}
		return b
	}

	out := []byte("II*\x00")
	out = e.AppendUint32(out, ifd0At)
	out = e.AppendUint16(out, ifd0Entries)
	out = text(out, 0x010f, SecretMake)
	out = entry(out, 0x0112, short, 1, uint32(orientation))
	out = entry(out, 0x8825, long, 1, gpsAt)
	out = e.AppendUint32(out, 0)

	out = e.AppendUint16(out, gpsEntries)
	out = entry(out, 0x0001, ascii, 2, 'N')
	out = entry(out, 0x0002, rational, 3, keep(degrees(48, 51, 2960)))
	out = entry(out, 0x0003, ascii, 2, 'E')
	out = entry(out, 0x0004, rational, 3, keep(degrees(2, 17, 4020)))
	out = text(out, 0x001c, SecretPlace)
	out = e.AppendUint32(out, 0)
	return append(out, heap...)
}
