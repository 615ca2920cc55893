# The peer of the bench of training steps: PyTorch's seconds for a step of the network that standard input describes.
import json, resource, sys, time, torch
from torch import nn
import torch.nn.functional as F

spec = json.load(sys.stdin)
data, sequences = spec['data'], spec['sequences']
torch.set_num_threads(spec['threads'])
torch.manual_seed(1)


class Tdnnf(nn.Module):
    def __init__(self, before, dim, bottleneck, span):
        super().__init__()
        k = 2 if span else 1
        self.span, self.bypass = span, before == dim
        self.linear = nn.Conv1d(before, bottleneck, k, bias=False)
        self.affine = nn.Conv1d(bottleneck, dim, k)
        self.norm = nn.BatchNorm1d(dim, affine=False)

    def forward(self, x):
        y = self.norm(F.relu(self.affine(self.linear(x))))
        return y + 0.66 * (x[:, :, 1:-1] if self.span else x) if self.bypass else y


class Big(nn.Module):
    """big.xconfig: the upper layers see every third frame."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(40, 1024, 3)
        self.norm = nn.BatchNorm1d(1024, affine=False)
        self.low = nn.Sequential(*[Tdnnf(1024, 1024, 128, 1) for _ in range(2)])
        self.high = nn.Sequential(*[Tdnnf(1024, 1024, 128, span) for span in (0, 1, 1, 1)])
        self.top = nn.Sequential(
            nn.Conv1d(1024, 192, 1, bias=False), nn.Conv1d(192, 1024, 1), nn.ReLU(), nn.BatchNorm1d(1024, affine=False),
            nn.Conv1d(1024, 192, 1, bias=False), nn.BatchNorm1d(192, affine=False), nn.Conv1d(192, 56, 1))

    def forward(self, x):
        x = self.low(self.norm(F.relu(self.first(x.transpose(1, 2)))))
        return self.top(self.high(x[:, :, ::3]))


class Cnn(nn.Module):
    """Convolutions over time and height; the last, and the TDNN-F above, at every third frame."""

    def __init__(self, filters):
        super().__init__()
        layers, before, height = [], 1, 40
        for i, (count, subsample) in enumerate(filters):
            stride = (3 if i + 1 == len(filters) else 1, subsample)
            layers += [nn.Conv2d(before, count, 3, stride=stride, padding=(0, 1)), nn.ReLU(),
                       nn.BatchNorm2d(count, affine=False)]
            before, height = count, height // subsample
        self.convolutions = nn.Sequential(*layers)
        self.tdnnf = nn.Sequential(Tdnnf(before * height, 768, 96, 0), *[Tdnnf(768, 768, 96, 1) for _ in range(3)])
        self.output = nn.Conv1d(768, 2000, 1)

    def forward(self, x):
        y = self.convolutions(x.unsqueeze(1))
        return self.output(self.tdnnf(y.transpose(2, 3).flatten(1, 2)))


class Recurrent(nn.Module):
    def __init__(self, kind, dim, cells, layers, classes, norm):
        super().__init__()
        self.layers = nn.ModuleList(
            [kind(dim if i == 0 else 2 * cells, cells, bidirectional=True) for i in range(layers)])
        self.norms = nn.ModuleList([nn.BatchNorm1d(2 * cells, affine=False) for _ in range(layers)] if norm else [])
        self.output = nn.Linear(2 * cells, classes)

    def forward(self, x):
        x = x.transpose(0, 1)
        for i, layer in enumerate(self.layers):
            x = layer(x)[0]
            if self.norms: x = self.norms[i](x.flatten(0, 1)).view(x.shape)
        return self.output(x).permute(1, 2, 0)


def mlp(dims):
    layers = []
    for i in range(len(dims) - 1):
        layers.append(nn.Linear(dims[i], dims[i + 1]))
        if i + 2 < len(dims): layers.append(nn.ReLU())
    return nn.Sequential(*layers)


case = spec['case']
if case.startswith('mlp'): model = mlp(spec['dims'])
elif case == 'big': model = Big()
elif case == 'cnn': model = Cnn(spec['filters'])
else: model = Recurrent({'blstm': nn.LSTM, 'gru': nn.GRU}[case], spec['dim'], spec['cells'], spec['layers'],
                        spec['classes'], case == 'gru')
x = torch.randn(sequences, data['inputs'], data['dim'])
y = torch.randint(data['classes'], (sequences, data['outputs']))
if case.startswith('mlp'): x, y = x[:, 0], y[:, 0]
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)


def step():
    optimizer.zero_grad()
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=spec['mixed']):
        loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(spec['warm']): step()
times = []
for _ in range(spec['steps']):
    begun = time.perf_counter()
    step()
    times.append(time.perf_counter() - begun)
times.sort()
print(json.dumps({
    'seconds': times[len(times) // 2],
    'version': torch.__version__,
    'parameters': sum(p.numel() for p in model.parameters()),
    'megabytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
