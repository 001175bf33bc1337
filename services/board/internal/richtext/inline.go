package richtext

import "strings"

// maxBreaks is how many line breaks follow each other: one blank line.
const maxBreaks = 2

// tidyInline gives the one canonical form of the text of a block; nil when
// nothing of it is seen.
func tidyInline(runs []run) []run {
	runs = foldSpace(runs)
	if allBlank(runs) {
		return nil
	}
	unlinkBlank(runs)
	runs = join(runs)
	markBreaks(runs)
	return runs
}

// foldSpace makes every stretch of spaces one, also across marks, and drops
// those at the ends and around line breaks, breaks at the ends, and breaks
// beyond maxBreaks.
func foldSpace(runs []run) []run {
	out := make([]run, 0, len(runs))
	breaks, spaced := 0, true
	for _, n := range runs {
		if n.br {
			out = trimSpace(out)
			if len(out) > 0 && breaks < maxBreaks {
				out = append(out, n)
			}
			breaks++
			spaced = true
			continue
		}
		n.text, spaced = fold(n.text, spaced)
		if n.text != "" {
			out = append(out, n)
			breaks = 0
		}
	}
	out = trimSpace(out)
	for len(out) > 0 && out[len(out)-1].br {
		out = out[:len(out)-1]
	}
	return out
}

// fold keeps the first of each stretch of spaces; spaced tells that one came
// before, and whether one is last.
func fold(s string, spaced bool) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		space := s[i] == ' '
		if !space || !spaced {
			b.WriteByte(s[i])
		}
		spaced = space
	}
	return b.String(), spaced
}

// trimSpace drops a space at the end: after fold there is one at most.
func trimSpace(runs []run) []run {
	if len(runs) == 0 {
		return runs
	}
	last := &runs[len(runs)-1]
	if last.br {
		return runs
	}
	last.text = strings.TrimSuffix(last.text, " ")
	if last.text == "" {
		return runs[:len(runs)-1]
	}
	return runs
}

func allBlank(runs []run) bool {
	for _, n := range runs {
		if !n.br && !isBlank(n.text) {
			return false
		}
	}
	return true
}

// unlinkBlank takes the link off text that nobody could see or press.
func unlinkBlank(runs []run) {
	for i := 0; i < len(runs); {
		end, seen := i, false
		for ; end < len(runs) && (runs[end].br || runs[end].href == runs[i].href); end++ {
			seen = seen || !isBlank(runs[end].text)
		}
		for j := i; j < end && !seen; j++ {
			runs[j].href = ""
		}
		i = end
	}
}

// join makes neighbours with the same marks one run.
func join(runs []run) []run {
	out := make([]run, 0, len(runs))
	for i := 0; i < len(runs); {
		end := i + 1
		for !runs[i].br && end < len(runs) && !runs[end].br && runs[end].marks == runs[i].marks {
			end++
		}
		n := runs[i]
		if end > i+1 {
			n.text = joinText(runs[i:end])
		}
		out = append(out, n)
		i = end
	}
	return out
}

func joinText(runs []run) string {
	var b strings.Builder
	for _, n := range runs {
		b.WriteString(n.text)
	}
	return b.String()
}

// markBreaks gives line breaks the marks that the text on both sides shares, so
// that marks neither start nor end with a break and need not close for one.
// There is text at both ends.
func markBreaks(runs []run) {
	for i := 0; i < len(runs); {
		end := i
		for end < len(runs) && runs[end].br {
			end++
		}
		for j := i; j < end; j++ {
			runs[j].marks = runs[i-1].common(runs[end].marks)
		}
		i = end + 1
	}
}
