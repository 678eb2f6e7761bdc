"""What every page needs, the device's and the collective's: files, words, preloads, charts."""
