package picture

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// kernelBudget bounds the temporary memory of a kernel scaler, in bytes.
const kernelBudget = 128 << 20

// shrink averages whole blocks of pixels until the picture is less than three
// times as large as the largest variant. That bounds the memory of all that
// follows, at no visible loss. It also completes a GIF frame to its canvas.
func shrink(img image.Image, info Info) *image.RGBA {
	w, h := info.Width, info.Height
	ow, oh := w, h
	if info.Orientation.swapsSides() {
		ow, oh = h, w
	}
	k := blockSize(ow, oh)
	dst := image.NewRGBA(image.Rect(0, 0, ceilDiv(w, k), ceilDiv(h, k)))
	if k == 1 {
		draw.Draw(dst, dst.Bounds(), img, image.Point{}, draw.Src)
		return dst
	}
	band := image.NewRGBA(image.Rect(0, 0, w, k))
	for y := 0; y < dst.Rect.Dy(); y++ {
		rows := min(k, h-y*k)
		draw.Draw(band, image.Rect(0, 0, w, rows), img, image.Pt(0, y*k), draw.Src)
		averageBand(dst.Pix[y*dst.Stride:], band, w, rows, k)
	}
	return dst
}

// blockSize is how many pixels a side become one.
func blockSize(w, h int) int {
	largest := widths[len(widths)-1]
	ratio := math.Max(float64(w)/float64(largest), float64(h)/float64(largest*tallest))
	k := max(1, int(ratio/1.5))
	dw := min(largest, w)
	if kernelBytes(dw, h/k) > kernelBudget {
		k = max(1, int(ratio))
	}
	return k
}

// averageBand makes one row of dst from a band of rows, k by k pixels a time.
func averageBand(dst []byte, band *image.RGBA, w, rows, k int) {
	for x, i := 0, 0; x < w; x, i = x+k, i+4 {
		cols := min(k, w-x)
		var sum [4]uint32
		for row := 0; row < rows; row++ {
			p := band.Pix[row*band.Stride+x*4:]
			for c := 0; c < cols*4; c += 4 {
				sum[0] += uint32(p[c])
				sum[1] += uint32(p[c+1])
				sum[2] += uint32(p[c+2])
				sum[3] += uint32(p[c+3])
			}
		}
		n := uint32(rows * cols)
		for c := range sum {
			dst[i+c] = uint8((sum[c] + n/2) / n)
		}
	}
}

// scaleAll makes the variants of a picture of w by h pixels, ascending by
// width, from its shrunk pixels.
func scaleAll(base *image.RGBA, w, h int) []*image.NRGBA {
	var sizes []image.Point
	for _, nominal := range widths {
		size := fit(w, h, nominal)
		sizes = append(sizes, size)
		if size.X == w {
			break
		}
	}
	scaled := make([]*image.NRGBA, len(sizes))
	from := base
	for i := len(sizes) - 1; i >= 0; i-- {
		from = scale(from, sizes[i])
		scaled[i] = straight(from)
	}
	return scaled
}

// fit is the size of the variant of a nominal width.
func fit(w, h, nominal int) image.Point {
	ratio := math.Min(1, math.Min(float64(nominal)/float64(w), float64(nominal*tallest)/float64(h)))
	return image.Pt(max(1, int(math.Round(float64(w)*ratio))), max(1, int(math.Round(float64(h)*ratio))))
}

func scale(src *image.RGBA, size image.Point) *image.RGBA {
	if src.Rect.Size() == size {
		return src
	}
	dst := image.NewRGBA(image.Rectangle{Max: size})
	var scaler draw.Scaler = draw.CatmullRom
	if kernelBytes(size.X, src.Rect.Dy()) > kernelBudget {
		scaler = draw.ApproxBiLinear
	}
	scaler.Scale(dst, dst.Rect, src, src.Rect, draw.Src, nil)
	return dst
}

// kernelBytes is what a kernel scaler allocates: four float64 for each pixel
// of the destination's width and the source's height.
func kernelBytes(dstWidth, srcHeight int) int64 { return int64(dstWidth) * int64(srcHeight) * 32 }

// straight is the picture without premultiplied alpha, which is what the
// encoders want.
func straight(src *image.RGBA) *image.NRGBA {
	if src.Opaque() {
		return &image.NRGBA{Pix: src.Pix, Stride: src.Stride, Rect: src.Rect}
	}
	dst := image.NewNRGBA(src.Rect)
	draw.Draw(dst, dst.Rect, src, src.Rect.Min, draw.Src)
	return dst
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
