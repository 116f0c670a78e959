"""The networks, the tokenizer, faster kernels for training on a CPU, painting and export."""
