"""No table of words, no library: every word of the corpus is a list."""


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.size, self.minimum = vocab_size, min_frequency

    def train(self, corpus):
        data = []
        for text in corpus:
            data.extend([*word, "</w>"] for word in text.split())
        self.vocab = {"<unk>": 0}
        for symbol in sorted({symbol for word in data for symbol in word} | {"</w>"}):
            self.vocab[symbol] = len(self.vocab)
        self.merges = []
        while len(self.vocab) < self.size:
            counts = {}
            for word in data:
                for k in range(len(word) - 1):
                    pair = word[k], word[k + 1]
                    counts[pair] = counts.get(pair, 0) + 1
            if not counts:
                break
            top = max(counts.values())
            if top < self.minimum:
                break
            left, right = min(pair for pair in counts if counts[pair] == top)
            self.merges.append((left, right))
            for word in data:
                k = 0
                while k < len(word) - 1:
                    if word[k] == left and word[k + 1] == right:
                        word[k : k + 2] = [left + right]
                    k += 1
            if left + right not in self.vocab:
                self.vocab[left + right] = len(self.vocab)
        self.text = {i: text for text, i in self.vocab.items()}
        self.rank = {}
        for place, pair in enumerate(self.merges):
            self.rank.setdefault(pair, place)

    def encode(self, text):
        ids = []
        for chars in text.split():
            word = ["<unk>" if c not in self.vocab else c for c in chars] + ["</w>"]
            while True:
                best = None
                for k in range(len(word) - 1):
                    rank = self.rank.get((word[k], word[k + 1]))
                    if rank is not None and (best is None or rank < best[0]):
                        best = rank, k
                if best is None:
                    break
                k = best[1]
                word[k : k + 2] = [word[k] + word[k + 1]]
            ids += [self.vocab[symbol] for symbol in word]
        return ids

    def decode(self, ids):
        out = ""
        for i in ids:
            if i not in self.text:
                raise ValueError(f"no token {i}")
            text = self.text[i]
            out += text[:-4] + " " if text.endswith("</w>") else text
        return out[:-1] if out.endswith(" ") else out
