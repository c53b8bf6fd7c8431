#!/usr/bin/env pwsh
# ./build.ps1 [build|test|bench|pack] [arguments that are passed on to dotnet]
param(
    [ValidateSet('build', 'test', 'bench', 'pack')]
    [string] $Target = 'build',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Rest = @()
)

$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    switch ($Target) {
        'build' { dotnet build -c Release @Rest }
        'test'  { dotnet test -c Release @Rest }
        'bench' { dotnet run -c Release --project benchmarks/ActorGrid.Benchmarks -- @Rest }
        'pack'  { dotnet pack -c Release -o artifacts @Rest }
    }
    exit $LASTEXITCODE
}
finally { Pop-Location }
